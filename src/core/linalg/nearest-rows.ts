/** @file The nearest rows of every row, exactly: by products of blocks, which are faster than any index up to some hundred thousand rows. */
import type { MatrixEngine } from './matrix-engine.ts';
import { makeMatrix, rowBlock, zeros32, type Matrix, type Matrix32, type MatrixData } from './matrix.ts';
import { rowOf } from './row-algebra.ts';

export interface NearestRows {
  readonly count: number;
  /** Row numbers [rows, count], nearest first; the row itself is not among them. */
  readonly indices: Int32Array;
  /** Euclidean distances, [rows, count]. */
  readonly distances: Float32Array;
}

/** Distances held at a time: 64 MB. */
const HELD_DISTANCES = 2 ** 24;

export interface NearestRowsOptions {
  readonly engine: MatrixEngine;
  /** Called between blocks; what it throws ends the search. */
  readonly onRows?: (done: number) => void | Promise<void>;
}

/** The `count` nearest of every row (fewer where there are fewer others). Of rows that are equally near, the first. */
export async function nearestRows(
  rows: Matrix,
  wanted: number,
  { engine, onRows }: NearestRowsOptions,
): Promise<NearestRows> {
  const count = Math.min(wanted, rows.rows - 1);
  const indices = new Int32Array(rows.rows * count);
  const distances = new Float32Array(rows.rows * count);
  const targets = withSquares(rows);
  const size = Math.max(16, Math.floor(HELD_DISTANCES / rows.rows));
  for (let from = 0; from < rows.rows; from += size) {
    const queries = rowBlock(rows, from, Math.min(size, rows.rows - from));
    // |b|² − 2ab: what is the same for all targets of a row changes no order.
    const { data } = await engine.multiply(withOne(queries), targets, { transposeB: true });
    for (let query = 0; query < queries.rows; query++) {
      const row = from + query;
      const best = smallest(data.subarray(query * rows.rows, (query + 1) * rows.rows), row, count);
      const exact = best.map((other) => ({
        other,
        distance: distanceOf(rowOf(rows, row), rowOf(rows, other)),
      }));
      exact.sort((a, b) => a.distance - b.distance || a.other - b.other);
      for (const [place, { other, distance }] of exact.entries()) {
        indices[row * count + place] = other;
        distances[row * count + place] = distance;
      }
    }
    await onRows?.(from + queries.rows);
  }
  return { count, indices, distances };
}

/** [−2b, |b|²] */
function withSquares(rows: Matrix): Matrix32 {
  const wide = zeros32(rows.rows, rows.columns + 1);
  for (let row = 0; row < rows.rows; row++) {
    const target = rowOf(wide, row);
    let sum = 0;
    for (const [column, value] of rowOf(rows, row).entries()) {
      target[column] = -2 * value;
      sum += value * value;
    }
    target[rows.columns] = sum;
  }
  return wide;
}

/** [a, 1] */
function withOne(rows: Matrix): Matrix32 {
  const wide = makeMatrix(
    rows.rows,
    rows.columns + 1,
    new Float32Array(rows.rows * (rows.columns + 1)).fill(1),
  );
  for (let row = 0; row < rows.rows; row++) wide.data.set(rowOf(rows, row), row * wide.columns);
  return wide;
}

/** Sorted insertion: `count` is small, and few values pass the threshold. */
function smallest(values: MatrixData, self: number, count: number): number[] {
  const best: number[] = [];
  let threshold = Infinity;
  for (let index = 0; index < values.length; index++) {
    const value = values[index]!;
    if (value >= threshold || index === self) continue;
    let place = best.length;
    while (place > 0 && value < values[best[place - 1]!]!) place--;
    best.splice(place, 0, index);
    if (best.length > count) best.pop();
    if (best.length === count) threshold = values[best[count - 1]!]!;
  }
  return best;
}

function distanceOf(a: MatrixData, b: MatrixData): number {
  let sum = 0;
  for (let index = 0; index < a.length; index++) sum += (a[index]! - b[index]!) ** 2;
  return Math.sqrt(sum);
}
