/** @file Clusters of rows by k-means: seeds drawn as k-means++ does (Arthur & Vassilvitskii 2007), then Lloyd's rounds. */
import { assert } from '../base/assert.ts';
import type { Random } from '../base/random.ts';
import { zeros64, type Matrix, type Matrix64 } from './matrix.ts';
import { rowOf } from './row-algebra.ts';

export interface Clusters {
  /** Cluster of each row, 0 … count − 1; none is empty. */
  readonly assignment: Int32Array;
  /** Rows of each cluster, those nearest to its mean first. */
  readonly nearest: readonly Int32Array[];
}

const ROUNDS = 50;

/** `count` clusters of the rows, or as many as there are rows. Equal random streams give equal clusters. */
export function kMeans(rows: Matrix, count: number, random: Random): Clusters {
  const used = Math.min(count, rows.rows);
  assert(used > 0, 'clusters want rows');
  const means = firstMeans(rows, used, random);
  let assignment = assign(rows, means);
  for (let round = 0; round < ROUNDS; round++) {
    moveMeans(rows, assignment, means);
    const next = assign(rows, means);
    const settled = next.every((cluster, row) => cluster === assignment[row]);
    assignment = next;
    if (settled) break;
  }
  return { assignment, nearest: nearestRows(rows, assignment, means) };
}

/** Each next seed is drawn with a chance that grows with the squared distance from those that are there. */
function firstMeans(rows: Matrix, count: number, random: Random): Matrix64 {
  const means = zeros64(count, rows.columns);
  const distances = new Float64Array(rows.rows).fill(Infinity);
  let chosen = random.integer(rows.rows);
  for (let cluster = 0; cluster < count; cluster++) {
    means.data.set(rowOf(rows, chosen), cluster * rows.columns);
    for (let row = 0; row < rows.rows; row++)
      distances[row] = Math.min(distances[row]!, squaredDistance(rows, row, means, cluster));
    chosen = drawByWeight(distances, random);
  }
  return means;
}

function drawByWeight(weights: Float64Array, random: Random): number {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  let left = random.uniform() * total;
  for (let index = 0; index < weights.length; index++) {
    left -= weights[index]!;
    if (left < 0) return index;
  }
  return weights.length - 1;
}

/** Nearest mean of each row; a cluster that would be empty takes the row that lies furthest from its own mean. */
function assign(rows: Matrix, means: Matrix64): Int32Array {
  const assignment = new Int32Array(rows.rows);
  const distances = new Float64Array(rows.rows);
  const sizes = new Int32Array(means.rows);
  for (let row = 0; row < rows.rows; row++) {
    let best = Infinity;
    for (let cluster = 0; cluster < means.rows; cluster++) {
      const distance = squaredDistance(rows, row, means, cluster);
      if (distance >= best) continue;
      best = distance;
      assignment[row] = cluster;
    }
    distances[row] = best;
    sizes[assignment[row]!]!++;
  }
  for (let cluster = 0; cluster < means.rows; cluster++) {
    if (sizes[cluster]! > 0) continue;
    const furthest = furthestOfShared(distances, assignment, sizes);
    sizes[assignment[furthest]!]!--;
    sizes[cluster] = 1;
    assignment[furthest] = cluster;
    distances[furthest] = 0;
  }
  return assignment;
}

/** Of the rows whose cluster has others too. */
function furthestOfShared(distances: Float64Array, assignment: Int32Array, sizes: Int32Array): number {
  let found = -1;
  for (let row = 0; row < distances.length; row++)
    if (sizes[assignment[row]!]! > 1 && (found < 0 || distances[row]! > distances[found]!)) found = row;
  return found;
}

function moveMeans(rows: Matrix, assignment: Int32Array, means: Matrix64): void {
  const sizes = new Int32Array(means.rows);
  means.data.fill(0);
  for (let row = 0; row < rows.rows; row++) {
    const cluster = assignment[row]!;
    sizes[cluster]!++;
    const [from, to] = [row * rows.columns, cluster * rows.columns];
    for (let column = 0; column < rows.columns; column++)
      means.data[to + column]! += rows.data[from + column]!;
  }
  for (let index = 0; index < means.data.length; index++)
    means.data[index]! /= sizes[Math.floor(index / rows.columns)]!;
}

function nearestRows(rows: Matrix, assignment: Int32Array, means: Matrix64): Int32Array[] {
  const distances = Float64Array.from(assignment, (cluster, row) =>
    squaredDistance(rows, row, means, cluster),
  );
  return Array.from({ length: means.rows }, (_, cluster) =>
    Int32Array.from(assignment.keys())
      .filter((row) => assignment[row] === cluster)
      .sort((a, b) => distances[a]! - distances[b]! || a - b),
  );
}

function squaredDistance(rows: Matrix, row: number, means: Matrix64, cluster: number): number {
  const [a, b] = [row * rows.columns, cluster * rows.columns];
  let sum = 0;
  for (let column = 0; column < rows.columns; column++)
    sum += (rows.data[a + column]! - means.data[b + column]!) ** 2;
  return sum;
}
