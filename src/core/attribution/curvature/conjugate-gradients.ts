/** @file Conjugate gradients for many right-hand sides at once (Hestenes and Stiefel 1952; influence functions: Koh and Liang 2017, §3). */
import { AppError } from '../../base/app-error.ts';
import type { Matrix } from '../../linalg/matrix.ts';
import { mixInto, rowOf, rowProducts, zerosAs } from '../../linalg/row-algebra.ts';
import type { MultiplyRows } from './curvature-operator.ts';

export interface ConjugateGradientOptions {
  /** Added to the diagonal of H. */
  readonly shift: number;
  readonly iterations: number;
  /** ‖residual‖ / ‖right-hand side‖ at which a row is done. */
  readonly tolerance: number;
}

export interface ConjugateGradientResult {
  readonly solution: Matrix;
  /** ‖g − (H + shift)x‖ / ‖g‖ of each row, as the recursion has it. */
  readonly residuals: Float64Array;
  readonly iterations: number;
}

/** The rows x of (H + shift·I)x = g for the rows g of `right` [q, p]. Each step multiplies all rows that are not done yet by H together. */
export async function conjugateGradients(
  multiply: MultiplyRows,
  right: Matrix,
  { shift, iterations, tolerance }: ConjugateGradientOptions,
): Promise<ConjugateGradientResult> {
  const solution = zerosAs(right);
  const residual = copyOf(right);
  const direction = copyOf(right);
  const start = rowProducts(right, right);
  const squares = Float64Array.from(start);
  const openRows = (): number[] =>
    [...squares.keys()].filter((row) => squares[row]! > tolerance ** 2 * start[row]!);
  let done = 0;
  for (let open = openRows(); done < iterations && open.length > 0; done++, open = openRows()) {
    const product = await multiply(gather(direction, open));
    for (const [place, row] of open.entries()) {
      const [along, bent] = [rowOf(direction, row), rowOf(product, place)];
      mixInto(bent, along, { factor: shift });
      const curvature = dot(along, bent);
      if (!(curvature > 0)) throw new AppError('curvature-not-positive', { step: done + 1, damping: shift });
      const length = squares[row]! / curvature;
      mixInto(rowOf(solution, row), along, { factor: length });
      mixInto(rowOf(residual, row), bent, { factor: -length });
      const next = dot(rowOf(residual, row), rowOf(residual, row));
      mixInto(along, rowOf(residual, row), { keep: next / squares[row]!, factor: 1 });
      squares[row] = next;
    }
  }
  const residuals = squares.map((square, row) => (start[row] === 0 ? 0 : Math.sqrt(square / start[row]!)));
  return { solution, residuals, iterations: done };
}

function copyOf(matrix: Matrix): Matrix {
  return { ...matrix, data: matrix.data.slice() };
}

function dot(a: Matrix['data'], b: Matrix['data']): number {
  let sum = 0;
  for (let index = 0; index < a.length; index++) sum += a[index]! * b[index]!;
  return sum;
}

function gather(matrix: Matrix, rows: readonly number[]): Matrix {
  if (rows.length === matrix.rows) return matrix;
  const some = zerosAs(matrix, rows.length);
  for (const [place, row] of rows.entries()) some.data.set(rowOf(matrix, row), place * matrix.columns);
  return some;
}
