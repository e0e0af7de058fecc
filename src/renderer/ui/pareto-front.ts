/** @file The points that no other beats: none is both cheaper and better. */

interface Point {
  /** Less is better. */
  readonly x: number;
  /** More is better. */
  readonly y: number;
}

/** From the cheapest to the best; of equal points the first. */
export function paretoFront<P extends Point>(points: readonly P[]): P[] {
  const front: P[] = [];
  for (const point of points.toSorted((a, b) => a.x - b.x || b.y - a.y)) {
    const best = front.at(-1);
    if (best === undefined || point.y > best.y) front.push(point);
  }
  return front;
}
