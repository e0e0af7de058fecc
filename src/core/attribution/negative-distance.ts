/**
 * @file Similarity by distance, −‖ψ − φᵢ‖², counted from its mean over the training set: so that it is positive for what is nearer than most,
 * like every score. Within one query, and in sums over sets of one size, only the offset differs.
 */
import type { RowBlocks } from '../linalg/gram.ts';
import type { Matrix } from '../linalg/matrix.ts';
import { widen, type Rows } from '../linalg/rows.ts';
import { squaredRowLengths } from './preconditioner.ts';
import type { ScoreBlock } from './score-queries.ts';

/** What has to be known of the training features. */
export interface DistanceScale {
  /** ‖φᵢ‖², [n]. */
  readonly squaredLengths: Float64Array;
  /** Mean φ, [k]. */
  readonly mean: Float64Array;
  /** Mean of ‖φᵢ‖². */
  readonly meanSquare: number;
}

export async function measureDistances(train: RowBlocks): Promise<DistanceScale> {
  const squaredLengths: number[] = [];
  let sums = new Float64Array(0);
  for await (const stored of train) {
    const block = widen(stored);
    if (sums.length === 0) sums = new Float64Array(block.columns);
    for (let index = 0; index < block.data.length; index++)
      sums[index % block.columns]! += block.data[index]!;
    for (const length of squaredRowLengths(block)) squaredLengths.push(length);
  }
  const count = squaredLengths.length;
  return {
    squaredLengths: Float64Array.from(squaredLengths),
    mean: sums.map((sum) => sum / count),
    meanSquare: squaredLengths.reduce((sum, length) => sum + length, 0) / count,
  };
}

/** Turns products ψᵀφᵢ into mean distance minus distance, in place: 2ψᵀφᵢ − ‖φᵢ‖² − 2ψᵀφ̄ + mean ‖φ‖². */
export function productsToDistances(
  { scores, firstRow }: ScoreBlock,
  queries: Matrix,
  { squaredLengths, mean, meanSquare }: DistanceScale,
): void {
  const offsets = meanProducts(queries, mean);
  for (let query = 0; query < scores.rows; query++) {
    const offset = meanSquare - 2 * offsets[query]!;
    const start = query * scores.columns;
    for (let column = 0; column < scores.columns; column++)
      scores.data[start + column] =
        2 * scores.data[start + column]! - squaredLengths[firstRow + column]! + offset;
  }
}

/** The score of each row for itself, whose distance is zero: its mean distance to the training set. */
export function meanDistances(rows: Rows, { mean, meanSquare }: DistanceScale): Float64Array {
  const block = widen(rows);
  const products = meanProducts(block, mean);
  return squaredRowLengths(block).map((length, row) => length - 2 * products[row]! + meanSquare);
}

function meanProducts({ rows, columns, data }: Matrix, mean: Float64Array): Float64Array {
  const products = new Float64Array(rows);
  for (let index = 0; index < data.length; index++)
    products[Math.floor(index / columns)]! += data[index]! * mean[index % columns]!;
  return products;
}
