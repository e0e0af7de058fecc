/** @file Ten thousand damaged inputs of every format: how many were imported, how many refused in words, how many ended otherwise or not at all (none may). */
import { once } from 'node:events';
import os from 'node:os';
import { Worker } from 'node:worker_threads';
import { Random } from '../src/core/base/random.ts';
import { fuzzedSources, type Damage } from '../testing/source-fuzz.ts';
import type { BenchOptions, BenchResult } from './bench.ts';
import type { FuzzAnswer } from './fuzz/import-worker.ts';

const INPUTS = 10_000;
const QUICK_INPUTS = 100;
/** An input of a few kilobytes that takes longer hangs. */
const LONGEST_SECONDS = 30;
const LARGEST_HEAP_MB = 1024;

interface Tally {
  readonly name: string;
  imported: number;
  refused: number;
  failed: number;
  hung: number;
  /** Seconds of the slowest one that ended. */
  slowest: number;
  readonly codes: Map<string, number>;
}

export async function run({ quick, seed }: BenchOptions): Promise<BenchResult> {
  const names = (await fuzzedSources()).map(({ name }) => name);
  const tallies: Tally[] = [];
  const waiting = [...names];
  // A format at a time and processor: most of an import is one thread's work.
  const lanes = Array.from({ length: Math.min(names.length, os.availableParallelism()) }, async () => {
    for (let name = waiting.shift(); name !== undefined; name = waiting.shift()) {
      const tally = await fuzz(name, quick ? QUICK_INPUTS : INPUTS, seed);
      tallies.push(tally);
      process.stderr.write(`${JSON.stringify({ ...tally, codes: Object.fromEntries(tally.codes) })}\n`);
    }
  });
  await Promise.all(lanes);
  tallies.sort((a, b) => names.indexOf(a.name) - names.indexOf(b.name));
  const total = (key: 'imported' | 'refused' | 'failed' | 'hung'): number =>
    tallies.reduce((sum, tally) => sum + tally[key], 0);
  return {
    figures: {
      formats: tallies.length,
      imported: total('imported'),
      refused: total('refused'),
      failed: total('failed'),
      hung: total('hung'),
      slowestSeconds: Math.max(...tallies.map(({ slowest }) => slowest)),
    },
    goals: { failed: { atMost: 0 }, hung: { atMost: 0 } },
    table: [
      ['format', 'imported', 'refused', 'failed', 'hung', 'slowest', 'codes'],
      ...tallies.map(({ name, imported, refused, failed, hung, slowest, codes }) => [
        ...[name, String(imported), String(refused), String(failed), String(hung), `${slowest.toFixed(2)} s`],
        [...codes].map(([code, count]) => `${code} ${count}`).join(', '),
      ]),
    ],
  };
}

async function fuzz(name: string, count: number, seed: number): Promise<Tally> {
  const random = new Random(seed, `fuzz-importers/${name}`);
  const tally: Tally = { name, imported: 0, refused: 0, failed: 0, hung: 0, slowest: 0, codes: new Map() };
  let importer = new Importer(name);
  for (let input = 0; input < count; input++) {
    const damages = Array.from({ length: 1 + random.integer(4) }, () => drawDamage(random));
    const startedAt = performance.now();
    const answer = await importer.ask(damages);
    if (answer === 'hung') tally.hung++;
    else tally.slowest = Math.max(tally.slowest, (performance.now() - startedAt) / 1000);
    if (answer !== 'hung') note(tally, answer);
    if (answer === 'hung' || 'failure' in answer)
      process.stderr.write(
        `${name}: ${answer === 'hung' ? answer : answer.failure}\n${JSON.stringify(damages)}\n`,
      );
    if (importer.hasEnded) importer = new Importer(name);
  }
  const whole = await importer.ask(null);
  if (whole === 'hung' || 'failure' in whole) tally.failed++;
  return tally;
}

function note(tally: Tally, answer: FuzzAnswer): void {
  if ('failure' in answer) tally.failed++;
  else if (answer.outcome === 'imported') tally.imported++;
  else {
    tally.refused++;
    tally.codes.set(answer.outcome, (tally.codes.get(answer.outcome) ?? 0) + 1);
  }
}

/** A thread that imports; one that hangs or runs out of memory ends. */
class Importer {
  hasEnded = false;
  readonly #worker: Worker;
  /** Loading is no part of what is measured. */
  readonly #ready: Promise<unknown>;

  constructor(name: string) {
    this.#worker = new Worker(new URL('fuzz/import-worker.ts', import.meta.url), {
      workerData: { name },
      resourceLimits: { maxOldGenerationSizeMb: LARGEST_HEAP_MB },
    });
    this.#ready = once(this.#worker, 'message');
  }

  async ask(damages: readonly Damage[] | null): Promise<FuzzAnswer | 'hung'> {
    await this.#ready;
    const patience = AbortSignal.timeout(LONGEST_SECONDS * 1000);
    this.#worker.postMessage(damages);
    const answer = await once(this.#worker, 'message', { signal: patience }).then(
      ([message]) => message as FuzzAnswer,
      (cause: unknown) => (patience.aborted ? 'hung' : { failure: String(cause) }),
    );
    if (answer === 'hung' || 'failure' in answer) {
      this.hasEnded = true;
      await this.#worker.terminate();
    }
    return answer;
  }
}

function drawDamage(random: Random): Damage {
  const at = random.uniform();
  switch (random.integer(4)) {
    case 0:
      return { kind: 'flip', at, mask: 1 + random.integer(255) };
    case 1:
      return { kind: 'cut', at };
    case 2:
      return {
        kind: 'insert',
        at,
        bytes: Uint8Array.from({ length: 1 + random.integer(9) }, () => random.integer(256)),
      };
    default:
      return { kind: 'swap', at, other: random.uniform(), length: 1 + random.integer(8) };
  }
}
