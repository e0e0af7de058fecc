/** @file LiSSA: the inverse as a Neumann series of Hessians of random batches (Agarwal, Bullins, Hazan 2017; Koh and Liang 2017, §3). */
import { AppError } from '../../base/app-error.ts';
import type { Matrix } from '../../linalg/matrix.ts';
import { mixInto, rowOf, rowProducts } from '../../linalg/row-algebra.ts';
import type { MultiplyRows } from './curvature-operator.ts';

export interface LissaOptions {
  /** Added to the diagonal of H. */
  readonly shift: number;
  readonly depth: number;
  /** An upper bound of what the batches' curvatures multiply any vector by, the shift included. */
  readonly scale: number;
}

/** How far beyond the longest possible solution a sum may go before it counts as diverged: batches scatter. */
const LARGEST_OVERSHOOT = 10;

/**
 * v ← v + (g − (H_t + shift·I)v) / scale for every row g of `right` [q, p], `depth` times from v = g / scale; H_t multiplies in step t. Divided by
 * the scale throughout, so that v itself is the estimate of (H + shift·I)⁻¹g.
 */
export async function lissa(
  multiplyIn: (step: number) => MultiplyRows,
  right: Matrix,
  { shift, depth, scale }: LissaOptions,
): Promise<Matrix> {
  const sum: Matrix = { ...right, data: right.data.map((value) => value / scale) };
  const limits = rowProducts(right, right).map((square) => (LARGEST_OVERSHOOT / shift) ** 2 * square);
  for (let step = 0; step < depth; step++) {
    const product = await multiplyIn(step)(sum);
    for (let row = 0; row < right.rows; row++) {
      const values = rowOf(sum, row);
      mixInto(values, rowOf(product, row), { keep: 1 - shift / scale, factor: -1 / scale });
      mixInto(values, rowOf(right, row), { factor: 1 / scale });
    }
    const grown = rowProducts(sum, sum).findIndex((square, row) => !(square <= limits[row]!));
    if (grown >= 0) throw new AppError('curvature-diverged', { step: step + 1, scale, damping: shift });
  }
  return sum;
}
