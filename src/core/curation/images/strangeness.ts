/** @file How far an image lies from its nearest neighbours, on a scale that means the same in every set. */
import { quantile } from '../../linalg/ranks.ts';

/**
 * 1 − 2^(−d / median d) of mean distances to the nearest neighbours: ½ for an image as far from its neighbours as most are, towards 1 far from
 * all. The exponential of Kuan and Mueller, "Back to the basics: revisiting out-of-distribution detection baselines" (2022), with the set's own scale.
 * 0 for all where half of the distances are 0; NaN stays NaN.
 */
export function strangeness(distances: Float64Array): Float64Array {
  const known = distances.filter((distance) => !Number.isNaN(distance));
  const scale = known.length === 0 ? 0 : quantile(known, 0.5);
  return distances.map((distance) => {
    if (Number.isNaN(distance)) return NaN;
    return scale === 0 ? 0 : 1 - 2 ** (-distance / scale);
  });
}
