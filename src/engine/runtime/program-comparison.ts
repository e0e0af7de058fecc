/** @file Runs the same work on the CPU and on another provider: how far the results lie apart, and which is faster. */
import { present } from '../../core/base/assert.ts';
import type { Executor, Feeds, Fetches, Program } from '../../core/execution/executor.ts';
import { isFloat, numbersOf, type Tensor } from '../../core/tensor/tensor.ts';

/** One piece of work, compiled for the CPU and for the provider that is compared with it. */
export interface ProgramPair {
  readonly name: string;
  readonly onCpu: Program;
  readonly onProvider: Program;
  readonly feeds: Feeds;
  /** Outputs that are compared. */
  readonly outputs: readonly string[];
  /** The largest relative error that is accepted. */
  readonly tolerance: number;
}

export interface ProgramComparison {
  readonly name: string;
  /** ‖provider − CPU‖ / ‖CPU‖ of the worst output; null: something came out that is not a finite number. */
  readonly error: number | null;
  readonly tolerance: number;
  readonly cpuMs: number;
  readonly providerMs: number;
}

/** The first run, which compiles kernels, does not count. Slow work is not repeated for long. */
const TIMED_RUNS = 3;
const TIMING_LIMIT_MS = 2_000;

export async function compareProgram(
  cpu: Executor,
  provider: Executor,
  pair: ProgramPair,
): Promise<ProgramComparison> {
  const expected = await measure(cpu, pair.onCpu, pair);
  const found = await measure(provider, pair.onProvider, pair);
  const errors = pair.outputs.map((name) =>
    relativeError(present(found.fetches[name], name), present(expected.fetches[name], name)),
  );
  const worst = Math.max(...errors);
  return {
    name: pair.name,
    error: Number.isFinite(worst) ? worst : null,
    tolerance: pair.tolerance,
    cpuMs: expected.ms,
    providerMs: found.ms,
  };
}

async function measure(
  executor: Executor,
  program: Program,
  { feeds, outputs }: ProgramPair,
): Promise<{ fetches: Fetches; ms: number }> {
  const session = await executor.open(program);
  try {
    const fetches = await session.run(feeds, outputs);
    const times: number[] = [];
    const beginMs = performance.now();
    while (times.length < TIMED_RUNS && performance.now() - beginMs < TIMING_LIMIT_MS) {
      const startMs = performance.now();
      await session.run(feeds, outputs);
      times.push(performance.now() - startMs);
    }
    return { fetches, ms: Math.min(...times) };
  } finally {
    await session.dispose();
  }
}

/** In the 2-norm, over a whole tensor; whole numbers must be equal. Infinity where anything is not finite. */
export function relativeError(found: Tensor, expected: Tensor): number {
  const [a, b] = [numbersOf(found), numbersOf(expected)];
  let difference = 0;
  let size = 0;
  for (let index = 0; index < b.length; index++) {
    difference += (a[index]! - b[index]!) ** 2;
    size += b[index]! ** 2;
  }
  if (!isFloat(expected.dtype)) return difference === 0 ? 0 : Infinity;
  if (!Number.isFinite(difference) || !Number.isFinite(size)) return Infinity;
  return Math.sqrt(difference / Math.max(size, Number.MIN_VALUE));
}
