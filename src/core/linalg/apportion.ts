/** @file Sharing a whole number out in proportion. */

/** Whole numbers that sum to `total`, as near to the wanted ones as can be (largest remainders; ties: the first). */
export function apportion(wanted: readonly number[], total: number): number[] {
  const sizes = wanted.map(Math.floor);
  const missing = total - sizes.reduce((sum, size) => sum + size, 0);
  const byRemainder = wanted
    .map((value, index) => ({ index, remainder: value - Math.floor(value) }))
    .sort((a, b) => b.remainder - a.remainder || a.index - b.index);
  for (const { index } of byRemainder.slice(0, Math.max(0, missing))) sizes[index]!++;
  return sizes;
}
