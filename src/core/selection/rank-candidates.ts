/** @file Candidates for a subset in the order in which they are taken. */
import { Random } from '../base/random.ts';
import type { Numbers } from '../linalg/ranks.ts';

export interface RankOptions {
  /** Whether high or low scores come first. */
  readonly keep: 'high' | 'low';
  /** Equal scores come in an order drawn with this seed: scores that are all equal give a random order. */
  readonly seed: number;
  /** Candidates that come after all others, whatever their scores. */
  readonly last?: ReadonlySet<number>;
}

/** Indices of the candidates, the first to be taken first. A score that is not a number comes after every other. */
export function rankCandidates(scores: Numbers, { keep, seed, last }: RankOptions): Uint32Array {
  const sign = keep === 'high' ? -1 : 1;
  const badness = Float64Array.from(scores, (score) => (Number.isNaN(score) ? Infinity : sign * score));
  const tie = new Random(seed, 'selection/ties').permutation(scores.length);
  const isLast = (candidate: number): number => (last?.has(candidate) === true ? 1 : 0);
  return Uint32Array.from(scores, (_, candidate) => candidate).sort(
    (a, b) => isLast(a) - isLast(b) || compare(badness[a]!, badness[b]!) || tie[a]! - tie[b]!,
  );
}

/** Not a subtraction, which would make NaN of two equal infinities. */
function compare(a: number, b: number): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
