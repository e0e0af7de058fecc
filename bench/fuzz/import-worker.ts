/** @file Imports damaged inputs of one format as they are asked for, in a thread that can be ended when one does not end. */
import { parentPort, workerData } from 'node:worker_threads';
import { FuzzBench, fuzzedSources, type Damage } from '../../testing/source-fuzz.ts';

/** 'imported' or the code of a refusal; or what was thrown that should not have been. */
export type FuzzAnswer = { readonly outcome: string } | { readonly failure: string };

const { name } = workerData as { readonly name: string };
const bench = new FuzzBench((await fuzzedSources()).find((source) => source.name === name)!);

/** null: the last one was the last; answers whether the project is whole. */
parentPort!.on('message', (damages: readonly Damage[] | null) => void answer(damages));

async function answer(damages: readonly Damage[] | null): Promise<void> {
  if (damages === null) {
    const whole: FuzzAnswer = bench.isWhole()
      ? { outcome: 'whole' }
      : { failure: 'the project is not whole' };
    bench.remove();
    parentPort!.postMessage(whole);
    parentPort!.close();
    return;
  }
  parentPort!.postMessage(await importDamaged(damages));
}

parentPort!.postMessage({ outcome: 'ready' } satisfies FuzzAnswer);

async function importDamaged(damages: readonly Damage[]): Promise<FuzzAnswer> {
  try {
    return { outcome: await bench.import(damages) };
  } catch (cause) {
    return { failure: (cause as Error).stack ?? String(cause) };
  }
}
