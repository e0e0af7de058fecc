/** @file Drawing by chance, in proportion to weights. */
import type { Random } from '../base/random.ts';
import type { Numbers } from '../linalg/ranks.ts';

/**
 * A key in 0…1 for each weight: the candidates with the highest keys, however many, are drawn one after the other without being put back, each time in
 * proportion to the weights of those left (Efraimidis, Spirakis, "Weighted random sampling with a reservoir", 2006). A weight that is not a number has
 * no key.
 */
export function drawKeys(weights: Numbers, random: Random): Float64Array {
  return Float64Array.from(weights, (weight) => random.uniform() ** (1 / weight));
}
