/** @file What each training sample's scores are divided by, so that samples with long gradients do not lead every list (METHODS §6.4). */
import { reblock, type RowBlocks } from '../linalg/gram.ts';
import { widen, type Rows } from '../linalg/rows.ts';
import type { Normalisation } from './method.ts';
import { rowLengths, type Preconditioner } from './preconditioner.ts';

type Normalising = Pick<Preconditioner, 'selfScores' | 'solvedLengths'>;

/**
 * The divisor of each training row, [n]: ‖Pφᵢ‖ (θ-RelatIF), √(φᵢᵀPφᵢ) (ℓ-RelatIF; both Barshan et al. 2020), or ‖φᵢ‖; null where scores are
 * left as they are. One pass over the blocks.
 */
export async function trainDivisors(
  kind: Normalisation,
  preconditioner: Normalising,
  train: RowBlocks,
): Promise<Float64Array | null> {
  if (kind === 'none') return null;
  const divisors: number[] = [];
  for await (const block of reblock(train))
    for (const divisor of await divisorsOf(kind, preconditioner, block, divisors.length))
      divisors.push(divisor);
  return Float64Array.from(divisors);
}

/** The divisors of one block, whose first row is training row `firstRow`. */
async function divisorsOf(
  kind: Exclude<Normalisation, 'none'>,
  preconditioner: Normalising,
  block: Rows,
  firstRow: number,
): Promise<Float64Array> {
  if (kind === 'relative-parameters') return preconditioner.solvedLengths(block, firstRow);
  if (kind === 'renormalised') return rowLengths(widen(block));
  const own = await preconditioner.selfScores(block, firstRow);
  return own.map((score) => Math.sqrt(Math.max(0, score)));
}

/**
 * Self-scores of rows that were not fitted, as they would be if each were: with h = φᵀPφ from outside, P′φ = Pφ / (1 + h) and
 * φᵀP′φ = h / (1 + h) of a ridge that has φ in it too (Sherman–Morrison), each divided by its own divisor inside. `joins`: whether P is such
 * a ridge; otherwise P stays as it is.
 */
export async function heldOutSelfScores(
  kind: Normalisation,
  preconditioner: Normalising,
  rows: Rows,
  joins: boolean,
): Promise<Float64Array> {
  const outside = await preconditioner.selfScores(rows, 0);
  const inside = joins ? outside.map((score) => score / (1 + score)) : outside;
  if (kind === 'none') return inside;
  if (kind === 'relative-loss') return inside.map((score) => Math.sqrt(Math.max(0, score)));
  if (kind === 'renormalised') return divided(inside, rowLengths(widen(rows)));
  // (h / (1 + h)) / (‖Pφ‖ / (1 + h))
  return divided(outside, await preconditioner.solvedLengths(rows, 0));
}

/** A sample without a gradient has no direction: its scores are zero. */
export function divided(scores: Float64Array, divisors: Float64Array): Float64Array {
  return scores.map((score, place) => (divisors[place] === 0 ? 0 : score / divisors[place]!));
}
