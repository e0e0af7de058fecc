/** @file Principal components of a stream of rows: the directions along which they differ most. */
import { assert } from '../base/assert.ts';
import type { Random } from '../base/random.ts';
import { gramOf, type RowBlocks } from './gram.ts';
import type { MatrixEngine } from './matrix-engine.ts';
import { makeMatrix, zeros64, type Matrix, type Matrix64 } from './matrix.ts';
import { rowOf } from './row-algebra.ts';
import { widen } from './rows.ts';
import { symmetricEigen, type Eigenpairs } from './symmetric-eigen.ts';

export interface PrincipalComponents {
  /** Of the rows; [columns]. */
  readonly mean: Float64Array;
  /** [count, columns], orthonormal; of each the entry that is largest is positive. */
  readonly directions: Matrix64;
  /** Along each direction, falling. */
  readonly variances: Float64Array;
  /** Of the rows about their mean, over all directions. */
  readonly totalVariance: number;
}

/** Up to this many columns all eigenvalues are computed; beyond, only those that are wanted. */
const WHOLE_COLUMNS = 512;
/** Directions that are followed beside the wanted ones, and how often: the last wanted one is then right to some digits. */
const SPARE_DIRECTIONS = 16;
const ITERATIONS = 12;

/** `count` directions, fewer where there are fewer columns. `blocks` is read twice. */
export async function findPrincipalComponents(
  blocks: () => RowBlocks,
  count: number,
  engine: MatrixEngine,
  random: Random,
): Promise<PrincipalComponents> {
  const { product, rowCount } = await gramOf(blocks(), engine);
  const mean = await meanOf(blocks(), product.columns, rowCount);
  const { columns, data } = product;
  for (let row = 0; row < columns; row++)
    for (let column = 0; column < columns; column++)
      data[row * columns + column] = data[row * columns + column]! / rowCount - mean[row]! * mean[column]!;
  const wanted = Math.min(count, columns);
  const { values, vectors } =
    columns <= WHOLE_COLUMNS ? symmetricEigen(product) : await largestPairs(product, wanted, engine, random);
  let totalVariance = 0;
  for (let index = 0; index < columns; index++) totalVariance += Math.max(0, data[index * (columns + 1)]!);
  const directions = makeMatrix(wanted, columns, vectors.data.slice(0, wanted * columns));
  for (let row = 0; row < wanted; row++) turnPositive(rowOf(directions, row));
  return {
    ...{ mean, directions, totalVariance },
    variances: values.slice(0, wanted).map((value) => Math.max(0, value)),
  };
}

/** Where these rows lie along the directions, [rows, count]. */
export async function projectRows(
  rows: Matrix,
  { mean, directions }: PrincipalComponents,
  engine: MatrixEngine,
): Promise<Matrix> {
  const centred = Float64Array.from(rows.data, (value, index) => value - mean[index % rows.columns]!);
  return engine.multiply(makeMatrix(rows.rows, rows.columns, centred), directions, { transposeB: true });
}

async function meanOf(blocks: RowBlocks, columns: number, rowCount: number): Promise<Float64Array> {
  const sums = new Float64Array(columns);
  for await (const block of blocks) {
    const { data } = widen(block);
    for (let index = 0; index < data.length; index++) sums[index % columns]! += data[index]!;
  }
  return sums.map((sum) => sum / rowCount);
}

/** Subspace iteration with a last exact step in the subspace (Halko, Martinsson and Tropp 2011). */
async function largestPairs(
  matrix: Matrix64,
  count: number,
  engine: MatrixEngine,
  random: Random,
): Promise<Eigenpairs> {
  const width = Math.min(matrix.columns, count + SPARE_DIRECTIONS);
  let basis = zeros64(width, matrix.columns);
  for (let index = 0; index < basis.data.length; index++) basis.data[index] = random.normal();
  for (let iteration = 0; iteration < ITERATIONS; iteration++) {
    orthonormalise(basis);
    basis = (await engine.multiply(basis, matrix)) as Matrix64;
  }
  orthonormalise(basis);
  const image = await engine.multiply(basis, matrix);
  const inside = (await engine.multiply(image, basis, { transposeB: true })) as Matrix64;
  const { values, vectors } = symmetricEigen(inside);
  return { values, vectors: (await engine.multiply(vectors, basis)) as Matrix64 };
}

/** Gram–Schmidt, each row against those before it, twice: once loses digits where rows are nearly parallel. */
function orthonormalise(rows: Matrix64): void {
  for (let row = 0; row < rows.rows; row++) {
    const own = rowOf(rows, row);
    for (let pass = 0; pass < 2; pass++)
      for (let other = 0; other < row; other++) {
        const earlier = rowOf(rows, other);
        const along = dot(own, earlier);
        for (let index = 0; index < own.length; index++) own[index]! -= along * earlier[index]!;
      }
    const length = Math.sqrt(dot(own, own));
    if (length > 0) for (let index = 0; index < own.length; index++) own[index]! /= length;
  }
}

function dot(a: Matrix['data'], b: Matrix['data']): number {
  assert(a.length === b.length, 'vectors of one length');
  let sum = 0;
  for (let index = 0; index < a.length; index++) sum += a[index]! * b[index]!;
  return sum;
}

/** An eigenvector is known up to its sign only; equal data must give equal maps. */
function turnPositive(vector: Matrix['data']): void {
  let largest = 0;
  for (let index = 0; index < vector.length; index++)
    if (Math.abs(vector[index]!) > Math.abs(vector[largest]!)) largest = index;
  if (vector[largest]! < 0) for (let index = 0; index < vector.length; index++) vector[index]! *= -1;
}
