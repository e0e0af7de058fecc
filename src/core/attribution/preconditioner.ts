/**
 * @file The matrix between two features: the identity (Grad-Dot), or the ridge inverse (ΦᵀΦ + λI)⁻¹ (TRAK), solved in
 * its primal form [k, k] where there are at least as many rows as columns, else in its dual form [n, n] (METHODS §1.3).
 */
import { assert } from '../base/assert.ts';
import { collectRows, gramOf, type Gram, type RowBlocks } from '../linalg/gram.ts';
import { factorise, solve, solveLower, type CholeskyFactor } from '../linalg/cholesky.ts';
import {
  isFloat64,
  makeMatrix,
  toFloat32,
  toFloat64,
  trace,
  transpose,
  zeros64,
  type Matrix,
  type Matrix64,
} from '../linalg/matrix.ts';
import type { MatrixEngine } from '../linalg/matrix-engine.ts';
import { widen, type Rows } from '../linalg/rows.ts';

/** λ as a multiple of the mean non-zero eigenvalue of ΦᵀΦ, which carries over between scalings, and as it is. */
export interface Damping {
  readonly relative: number;
  readonly absolute: number;
}

/** Queries after the solve: each block of training features costs one product. */
export interface PreparedQueries {
  /**
   * Pψ per query, [q, k], with which `scores` are products ΨPφ: all that has to be kept to score later (`solvedQueries`), without the
   * preconditioner. null where scores are made otherwise.
   */
  readonly solved: Matrix | null;
  /** Scores [q, block.rows] against training rows firstRow, firstRow + 1 … */
  scores(block: Rows, firstRow: number): Promise<Matrix>;
}

export interface Preconditioner {
  /** null for the identity. */
  readonly damping: Damping | null;
  prepare(queries: Matrix): Promise<PreparedQueries>;
  /** φᵢᵀ·P·φᵢ for each row of a block of training features: the score of a sample for itself, before its weight. */
  selfScores(block: Rows, firstRow: number): Promise<Float64Array>;
  /** ‖P·φᵢ‖ for each row of a block of training features: how far the sample would move the parameters. */
  solvedLengths(block: Rows, firstRow: number): Promise<Float64Array>;
}

/** Queries that a preconditioner has solved already, [q, k]. */
export function solvedQueries(solved: Matrix, engine: MatrixEngine): PreparedQueries {
  return { solved, scores: (block) => engine.multiply(solved, block, { transposeB: true }) };
}

export function identityPreconditioner(engine: MatrixEngine): Preconditioner {
  return {
    damping: null,
    prepare: (queries) => Promise.resolve(solvedQueries(queries, engine)),
    selfScores: (block) => Promise.resolve(squaredRowLengths(widen(block))),
    solvedLengths: (block) => Promise.resolve(rowLengths(widen(block))),
  };
}

/** λ = λ_rel · tr(ΦᵀΦ) / min(n, k). */
export function absoluteDamping(relative: number, gramTrace: number, rows: number, columns: number): Damping {
  return { relative, absolute: (relative * gramTrace) / Math.min(rows, columns) };
}

/** The ridge preconditioner of these training features, in whichever form is smaller. One pass over the blocks. */
export async function fitPreconditioner(
  blocks: RowBlocks,
  relativeDamping: number,
  engine: MatrixEngine,
  size: { readonly rows: number; readonly columns: number },
): Promise<Preconditioner> {
  if (size.columns > size.rows) return fitDual(toFloat64(await collectRows(blocks)), relativeDamping, engine);
  return fitPrimal(await gramOf(blocks, engine), relativeDamping, engine);
}

/** From ΦᵀΦ, which may have been kept from tuning. */
export async function fitPrimal(
  gram: Gram,
  relativeDamping: number,
  engine: MatrixEngine,
): Promise<Preconditioner> {
  const { product, rowCount } = gram;
  const damping = absoluteDamping(relativeDamping, trace(product), rowCount, product.columns);
  const factor = await factorise(product, damping.absolute, engine);
  // Zᵀ = (ΦᵀΦ + λI)⁻¹ Ψᵀ, once per set of queries; then scores = Z Φᵀ.
  const solveRows = async (rows: Matrix): Promise<Matrix64> =>
    transpose(await solve(factor, transpose(rows), engine));
  return {
    damping,
    prepare: async (queries) => {
      const solved = await solveRows(queries);
      return solvedQueries(isFloat64(queries) ? solved : toFloat32(solved), engine);
    },
    selfScores: (block) => squaredWhitenedLengths(factor, widen(block), engine),
    solvedLengths: async (block) => rowLengths(await solveRows(widen(block))),
  };
}

/** From all of Φ [n, k] at once, for n < k: A = ΨΦᵀ (ΦΦᵀ + λI)⁻¹. */
export async function fitDual(
  features: Matrix64,
  relativeDamping: number,
  engine: MatrixEngine,
): Promise<Preconditioner> {
  const kernel = toFloat64(await engine.multiply(features, features, { transposeB: true }));
  const damping = absoluteDamping(relativeDamping, trace(kernel), features.rows, features.columns);
  const factor = await factorise(kernel, damping.absolute, engine);
  const hatOf = async (queries: Matrix): Promise<Matrix64> => {
    const products = await engine.multiply(features, queries, { transposeB: true });
    return transpose(await solve(factor, products, engine));
  };
  return {
    damping,
    prepare: async (queries) => {
      const hat = await hatOf(queries);
      const typed = isFloat64(queries) ? hat : toFloat32(hat);
      return {
        solved: null,
        scores: (block, firstRow) => Promise.resolve(columnsOf(typed, firstRow, block.rows)),
      };
    },
    selfScores: async (block, firstRow) => {
      const hat = await hatOf(widen(block));
      const scores = new Float64Array(block.rows);
      for (let row = 0; row < block.rows; row++) scores[row] = hat.data[row * hat.columns + firstRow + row]!;
      return scores;
    },
    solvedLengths: async (block, firstRow) => {
      // (ΦᵀΦ + λI)⁻¹Φᵀ = Φᵀ(ΦΦᵀ + λI)⁻¹, so a fitted row's solution is a combination of all rows.
      const units = zeros64(features.rows, block.rows);
      for (let row = 0; row < block.rows; row++) units.data[(firstRow + row) * block.rows + row] = 1;
      const combined = await engine.multiply(await solve(factor, units, engine), features, {
        transposeA: true,
      });
      return rowLengths(combined);
    },
  };
}

/** φᵀ(LLᵀ)⁻¹φ = ‖L⁻¹φ‖² per row. */
async function squaredWhitenedLengths(
  factor: CholeskyFactor,
  block: Matrix,
  engine: MatrixEngine,
): Promise<Float64Array> {
  const whitened = await solveLower(factor, transpose(block), engine);
  const sums = new Float64Array(block.rows);
  for (let row = 0; row < whitened.rows; row++) {
    for (let sample = 0; sample < block.rows; sample++) {
      sums[sample]! += whitened.data[row * block.rows + sample]! ** 2;
    }
  }
  return sums;
}

/** ‖row‖ of each. */
export function rowLengths(block: Matrix): Float64Array {
  return squaredRowLengths(block).map(Math.sqrt);
}

export function squaredRowLengths(block: Matrix): Float64Array {
  const sums = new Float64Array(block.rows);
  for (let row = 0; row < block.rows; row++) {
    for (let column = 0; column < block.columns; column++) {
      sums[row]! += block.data[row * block.columns + column]! ** 2;
    }
  }
  return sums;
}

function columnsOf(matrix: Matrix, from: number, count: number): Matrix {
  assert(from + count <= matrix.columns, 'a training block lies beyond the rows that were fitted');
  const data = matrix.data.slice(0, matrix.rows * count);
  for (let row = 0; row < matrix.rows; row++) {
    const start = row * matrix.columns + from;
    data.set(matrix.data.subarray(start, start + count), row * count);
  }
  return makeMatrix(matrix.rows, count, data);
}
