/** @file Whether probabilities hold what they say. */
import { assert } from '../base/assert.ts';

export interface CalibrationBin {
  /** Mean probability of the samples in the bin, and the share of them for which it came true. */
  readonly said: number;
  readonly held: number;
  readonly count: number;
}

export interface Calibration {
  /** Expected calibration error: mean over samples of |said − held| of their bin. */
  readonly error: number;
  /** Bins of equal width over 0…1; empty ones are left out. */
  readonly bins: readonly CalibrationBin[];
}

export function calibrationOf(
  probabilities: Float64Array,
  outcomes: ArrayLike<number>,
  binCount = 10,
): Calibration {
  assert(probabilities.length === outcomes.length, 'one outcome per probability');
  const sums = Array.from({ length: binCount }, () => ({ said: 0, held: 0, count: 0 }));
  for (const [sample, probability] of probabilities.entries()) {
    const bin = sums[Math.min(binCount - 1, Math.floor(probability * binCount))]!;
    bin.said += probability;
    bin.held += outcomes[sample]!;
    bin.count++;
  }
  const bins = sums
    .filter(({ count }) => count > 0)
    .map(({ said, held, count }) => ({ said: said / count, held: held / count, count }));
  const error = bins.reduce((sum, { said, held, count }) => sum + Math.abs(said - held) * count, 0);
  return { error: error / probabilities.length, bins };
}
