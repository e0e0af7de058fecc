/** @file Which points of a map lie inside a shape that was drawn. */
import type { Place } from './map-view.ts';

/** Even–odd rule: where the outline crosses itself, what it goes round twice is outside. A point on the edge may be on either side. */
export function isInside(polygon: readonly Place[], x: number, y: number): boolean {
  let inside = false;
  for (let index = 0, before = polygon.length - 1; index < polygon.length; before = index++) {
    const [a, b] = [polygon[index]!, polygon[before]!];
    if (a.y > y === b.y > y) continue;
    if (x < ((b.x - a.x) * (y - a.y)) / (b.y - a.y) + a.x) inside = !inside;
  }
  return inside;
}

/** Numbers of the points inside, rising. `positions`: x, y of each; `may` leaves points out. */
export function pointsInside(
  polygon: readonly Place[],
  positions: Float32Array,
  may: (point: number) => boolean,
): number[] {
  if (polygon.length < 3) return [];
  const xs = polygon.map(({ x }) => x);
  const ys = polygon.map(({ y }) => y);
  const [left, right] = [Math.min(...xs), Math.max(...xs)];
  const [top, bottom] = [Math.min(...ys), Math.max(...ys)];
  const found: number[] = [];
  for (let point = 0; point < positions.length / 2; point++) {
    const [x, y] = [positions[2 * point]!, positions[2 * point + 1]!];
    if (x < left || x > right || y < top || y > bottom || !may(point)) continue;
    if (isInside(polygon, x, y)) found.push(point);
  }
  return found;
}

/** The corners of the rectangle between two places. */
export function rectangle(from: Place, to: Place): Place[] {
  return [from, { x: to.x, y: from.y }, to, { x: from.x, y: to.y }];
}
