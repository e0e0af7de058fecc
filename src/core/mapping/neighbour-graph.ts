/** @file How strongly each point holds each of its neighbours: the fuzzy graph of UMAP (McInnes, Healy and Melville 2018, §3.1). */
import type { NearestRows } from '../linalg/nearest-rows.ts';

/** Each pair of points once in each direction that has it. */
export interface NeighbourGraph {
  readonly pointCount: number;
  readonly heads: Int32Array;
  readonly tails: Int32Array;
  /** In 0…1. */
  readonly weights: Float32Array;
}

const SEARCH_STEPS = 64;
const TOLERANCE = 1e-5;
/** A width is at least this share of the mean distance. */
const LEAST_WIDTH = 1e-3;

/** The union of every point's neighbourhood: w = a + b − ab of the two directions. */
export function neighbourGraph({ count, indices, distances }: NearestRows): NeighbourGraph {
  const pointCount = count === 0 ? 0 : indices.length / count;
  const own = memberships({ count, indices, distances }, pointCount);
  const heads: number[] = [];
  const tails: number[] = [];
  const weights: number[] = [];
  const add = (head: number, tail: number, weight: number): void => {
    heads.push(head);
    tails.push(tail);
    weights.push(weight);
  };
  for (let point = 0; point < pointCount; point++)
    for (let place = point * count; place < (point + 1) * count; place++) {
      const other = indices[place]!;
      const back = indices.subarray(other * count, (other + 1) * count).indexOf(point);
      // Where both hold each other, the pair is met twice and written when the first of the two is met.
      if (back >= 0 && other < point) continue;
      const [a, b] = [own[place]!, back < 0 ? 0 : own[other * count + back]!];
      const weight = a + b - a * b;
      add(point, other, weight);
      add(other, point, weight);
    }
  return {
    pointCount,
    heads: Int32Array.from(heads),
    tails: Int32Array.from(tails),
    weights: Float32Array.from(weights),
  };
}

/** exp(−(d − ρ)/σ): 1 for the nearest; σ such that a point's sum is log₂ of the number of neighbours. [points, count] */
function memberships({ count, distances }: NearestRows, pointCount: number): Float32Array {
  const found = new Float32Array(distances.length);
  // As the paper counts, the point itself is one of its neighbours.
  const target = Math.log2(count + 1);
  const meanOfAll = distances.reduce((sum, value) => sum + value, 0) / Math.max(1, distances.length);
  for (let point = 0; point < pointCount; point++) {
    const own = distances.subarray(point * count, (point + 1) * count);
    const nearest = own.find((distance) => distance > 0) ?? 0;
    const mean = own.reduce((sum, value) => sum + value, 0) / (count + 1);
    const width = Math.max(widthOf(own, nearest, target), LEAST_WIDTH * (nearest > 0 ? mean : meanOfAll));
    for (let place = 0; place < count; place++) {
      const beyond = own[place]! - nearest;
      found[point * count + place] = beyond <= 0 || width === 0 ? 1 : Math.exp(-beyond / width);
    }
  }
  return found;
}

/** Bisection. */
function widthOf(distances: Float32Array, nearest: number, target: number): number {
  let [low, high, width] = [0, Infinity, 1];
  for (let step = 0; step < SEARCH_STEPS; step++) {
    let sum = 0;
    for (const distance of distances) sum += distance > nearest ? Math.exp((nearest - distance) / width) : 1;
    if (Math.abs(sum - target) < TOLERANCE) break;
    if (sum > target) high = width;
    else low = width;
    width = high === Infinity ? width * 2 : (low + high) / 2;
  }
  return width;
}
