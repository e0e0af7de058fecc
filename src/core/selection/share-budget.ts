/** @file Sharing a budget of images out among classes or folders. */
import { assert } from '../base/assert.ts';

/**
 * How many each group gets: all the same as far as that goes. A group that has fewer gives its rest to the others, none gets less
 * than its minimum, and what cannot be divided goes to the first that have room. The sizes sum to `total`, which lies between
 * the sum of the minimums and the sum of the capacities.
 */
export function shareBudget(
  capacities: readonly number[],
  total: number,
  minimums: readonly number[] = capacities.map(() => 0),
): number[] {
  assert(sum(minimums) <= total && total <= sum(capacities), `a budget of ${total} cannot be shared out`);
  const sizesAt = (level: number): number[] =>
    capacities.map((capacity, group) => Math.min(capacity, Math.max(level, minimums[group]!)));
  // The highest water level that the budget fills.
  let level = 0;
  for (let above = Math.max(0, ...capacities) + 1; above - level > 1;) {
    const middle = Math.floor((level + above) / 2);
    if (sum(sizesAt(middle)) <= total) level = middle;
    else above = middle;
  }
  const sizes = sizesAt(level);
  let left = total - sum(sizes);
  for (const [group, size] of sizes.entries()) {
    if (left === 0) break;
    if (size !== level || size === capacities[group]) continue;
    sizes[group] = size + 1;
    left--;
  }
  return sizes;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
