/**
 * @file Conjugate gradients for many right-hand sides that search one space together (block form with orthonormal residuals: Dubrulle 2001, BCGrQ;
 * influence functions: Koh and Liang 2017, §3). What one finds of the largest eigenvalues the others need not find again, so a block needs a
 * fraction of the steps that each side would need alone.
 */
import { factorise, solve } from '../../linalg/cholesky.ts';
import type { MatrixEngine } from '../../linalg/matrix-engine.ts';
import { rowBlock, transpose, zeros64, type Matrix, type Matrix64 } from '../../linalg/matrix.ts';
import { mixInto, rowGram, rowOf, rowProducts, typedAs, zerosAs } from '../../linalg/row-algebra.ts';
import { symmetricEigen } from '../../linalg/symmetric-eigen.ts';
import type { MultiplyRows } from './curvature-operator.ts';

export interface ConjugateGradientOptions {
  /** Added to the diagonal of H. */
  readonly shift: number;
  readonly iterations: number;
  /** ‖residual‖ / ‖right-hand side‖ of every row at which the block is done. */
  readonly tolerance: number;
  readonly engine: MatrixEngine;
}

export interface ConjugateGradientResult {
  readonly solution: Matrix;
  /** ‖g − (H + shift)x‖ / ‖g‖ of each row, as the recursion has it. */
  readonly residuals: Float64Array;
  readonly iterations: number;
}

/** The rows x of (H + shift·I)x = g for the rows g of `right` [q, p], which may depend on each other. One product with H each step. */
export async function conjugateGradients(
  multiply: MultiplyRows,
  right: Matrix,
  { shift, iterations, tolerance, engine }: ConjugateGradientOptions,
): Promise<ConjugateGradientResult> {
  const solution = zerosAs(right);
  const start = rowProducts(right, right).map(Math.sqrt);
  // The residuals are coordinates · basis throughout, the basis being orthonormal.
  let { basis, coordinates } = await orthonormal(right, engine);
  let directions = basis;
  const residuals = (): Float64Array =>
    rowProducts(coordinates, coordinates).map((square, row) =>
      start[row] === 0 ? 0 : Math.sqrt(square) / start[row]!,
    );
  let done = 0;
  for (; done < iterations && residuals().some((residual) => residual > tolerance); done++) {
    const bent = await multiply(directions);
    mixInto(bent.data, directions.data, { factor: shift });
    const inverse = await invert(await rowGram(directions, bent, engine), engine);
    const step = await engine.multiply(coordinates, inverse);
    const times = (factor: Matrix, rows: Matrix): Promise<Matrix> =>
      engine.multiply(typedAs(right, factor), rows);
    mixInto(solution.data, (await times(step, directions)).data, { factor: 1 });
    const rest = await times(inverse, bent);
    mixInto(rest.data, basis.data, { keep: -1, factor: 1 });
    const next = await orthonormal(rest, engine);
    directions = await times(transpose(next.coordinates), directions);
    mixInto(directions.data, next.basis.data, { factor: 1 });
    coordinates = (await engine.multiply(coordinates, next.coordinates)) as Matrix64;
    basis = next.basis;
  }
  return { solution, residuals: residuals(), iterations: done };
}

interface Orthonormal {
  /** [r, p] */
  readonly basis: Matrix;
  /** [rows, r]: rows = coordinates · basis. */
  readonly coordinates: Matrix64;
}

/** Squared lengths below this share of the largest are rounding: their directions are left out. */
const LEAST_SHARE = 1e-10;

async function orthonormal(rows: Matrix, engine: MatrixEngine): Promise<Orthonormal> {
  const { values, vectors } = symmetricEigen(await rowGram(rows, rows, engine));
  const rank = values.filter((value) => value > LEAST_SHARE * values[0]!).length;
  const scaled = zeros64(rank, rows.rows);
  const coordinates = zeros64(rank, rows.rows);
  for (const [index, value] of values.subarray(0, rank).entries()) {
    const vector = rowOf(vectors, index);
    mixInto(rowOf(scaled, index), vector, { factor: 1 / Math.sqrt(value) });
    mixInto(rowOf(coordinates, index), vector, { factor: Math.sqrt(value) });
  }
  const basis = rank === 0 ? rowBlock(rows, 0, 0) : await engine.multiply(typedAs(rows, scaled), rows);
  return { basis, coordinates: transpose(coordinates) };
}

/** Symmetric in, symmetric out. */
async function invert(matrix: Matrix64, engine: MatrixEngine): Promise<Matrix64> {
  const identity = zeros64(matrix.rows, matrix.rows);
  for (let row = 0; row < matrix.rows; row++) identity.data[row * matrix.rows + row] = 1;
  return solve(await factorise(matrix, 0, engine), identity, engine);
}
