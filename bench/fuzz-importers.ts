/** @file Ten thousand damaged inputs of every format: how many were imported, how many refused in words, how many ended otherwise (none may). */
import { Random } from '../src/core/base/random.ts';
import { FuzzBench, fuzzedSources, type Damage, type FuzzedSource } from '../testing/source-fuzz.ts';
import type { BenchOptions, BenchResult } from './bench.ts';

const INPUTS = 10_000;
const QUICK_INPUTS = 100;
/** An input of a few kilobytes that takes longer hangs. */
const LONGEST_SECONDS = 30;

interface Tally {
  readonly name: string;
  imported: number;
  refused: number;
  failed: number;
  slow: number;
  readonly codes: Map<string, number>;
}

export async function run({ quick, seed }: BenchOptions): Promise<BenchResult> {
  const tallies: Tally[] = [];
  for (const source of await fuzzedSources())
    tallies.push(await fuzz(source, quick ? QUICK_INPUTS : INPUTS, seed));
  const total = (key: 'imported' | 'refused' | 'failed' | 'slow'): number =>
    tallies.reduce((sum, tally) => sum + tally[key], 0);
  return {
    figures: {
      formats: tallies.length,
      imported: total('imported'),
      refused: total('refused'),
      failed: total('failed'),
      slow: total('slow'),
    },
    goals: { failed: { atMost: 0 }, slow: { atMost: 0 } },
    table: [
      ['format', 'imported', 'refused', 'failed', 'slow', 'codes'],
      ...tallies.map(({ name, imported, refused, failed, slow, codes }) => [
        ...[name, String(imported), String(refused), String(failed), String(slow)],
        [...codes].map(([code, count]) => `${code} ${count}`).join(', '),
      ]),
    ],
  };
}

async function fuzz(source: FuzzedSource, count: number, seed: number): Promise<Tally> {
  const random = new Random(seed, `fuzz-importers/${source.name}`);
  const tally: Tally = { name: source.name, imported: 0, refused: 0, failed: 0, slow: 0, codes: new Map() };
  const bench = new FuzzBench(source);
  for (let input = 0; input < count; input++) {
    const damages = Array.from({ length: 1 + random.integer(4) }, () => drawDamage(random));
    const startedAt = performance.now();
    try {
      const outcome = await bench.import(damages);
      if (outcome === 'imported') tally.imported++;
      else tally.refused++;
      if (outcome !== 'imported') tally.codes.set(outcome, (tally.codes.get(outcome) ?? 0) + 1);
    } catch (cause) {
      tally.failed++;
      process.stderr.write(
        `${source.name}: ${JSON.stringify(damages)}\n${(cause as Error).stack ?? String(cause)}\n`,
      );
    }
    if (performance.now() - startedAt > LONGEST_SECONDS * 1000) tally.slow++;
  }
  if (!bench.isWhole()) tally.failed++;
  bench.remove();
  return tally;
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
