/** @file Which groups share their random groups. */

/** Sizes within this factor of each other: removing a tenth more or less changes little. */
const SIZE_FACTOR = 1.25;

/** For each group the size of its random groups: its own, or that of a group nearly as large that came before. */
export function controlSizes(sizes: readonly number[]): number[] {
  const shared: number[] = [];
  return sizes.map((size) => {
    const near = shared.find((other) => Math.max(size / other, other / size) <= SIZE_FACTOR);
    if (near === undefined) shared.push(size);
    return near ?? size;
  });
}
