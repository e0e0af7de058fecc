/**
 * @file Clusters about representatives: likeness is not handed on, so A and C are not one cluster because both are like B unless B stands for them. Every member is
 * like its representative itself.
 */

/** Up to so many items all pairs are compared, so that what is like the most others stands for them. */
const MOST_COMPARED = 400;

/**
 * Splits items that hang together, in rising order, into clusters of two and more; the representative comes first, the others in rising order. What is like no
 * representative and no other item that is left over is in no cluster. An item is in one cluster at most.
 */
export function starClusters(
  items: readonly number[],
  isAlike: (first: number, second: number) => boolean,
): number[][] {
  const clusters: number[][] = [];
  let free = [...items];
  const neighbours = items.length <= MOST_COMPARED ? neighboursOf(items, isAlike) : null;
  while (free.length > 1) {
    const [representative = free[0]!, members] =
      neighbours === null
        ? [free[0], free.filter((item) => item !== free[0] && isAlike(free[0]!, item))]
        : busiest(free, neighbours);
    const taken = new Set([representative, ...members]);
    if (taken.size > 1) clusters.push([representative, ...members]);
    free = free.filter((item) => !taken.has(item));
  }
  return clusters.toSorted((a, b) => Math.min(...a) - Math.min(...b));
}

function neighboursOf(
  items: readonly number[],
  isAlike: (first: number, second: number) => boolean,
): ReadonlyMap<number, readonly number[]> {
  const found = new Map<number, number[]>(items.map((item) => [item, []]));
  for (const [place, first] of items.entries())
    for (const second of items.slice(place + 1)) {
      if (!isAlike(first, second)) continue;
      found.get(first)!.push(second);
      found.get(second)!.push(first);
    }
  return found;
}

/** The item with the most neighbours that are free, the first of several, and those. */
function busiest(
  free: readonly number[],
  neighbours: ReadonlyMap<number, readonly number[]>,
): [number | undefined, readonly number[]] {
  const isFree = new Set(free);
  let [best, most]: [number | undefined, readonly number[]] = [undefined, []];
  for (const item of free) {
    const members = neighbours.get(item)!.filter((other) => isFree.has(other));
    if (best === undefined || members.length > most.length) [best, most] = [item, members];
  }
  return [best, most.toSorted((a, b) => a - b)];
}
