/** @file Vectors kept as the rows of a matrix: products, sums and parts of them. */
import type { MatrixEngine } from './matrix-engine.ts';
import { isFloat64, toFloat32, toFloat64, zeros32, zeros64, type Matrix, type Matrix64 } from './matrix.ts';

/** Zeros of the shape `rows` × `columns`, in the type of `like`. */
export function zerosAs(like: Matrix, rows = like.rows, columns = like.columns): Matrix {
  return isFloat64(like) ? zeros64(rows, columns) : zeros32(rows, columns);
}

/** ⟨aᵢ, bᵢ⟩ of each pair of rows, summed in float64. */
export function rowProducts(a: Matrix, b: Matrix): Float64Array {
  const { rows, columns } = a;
  const products = new Float64Array(rows);
  for (let row = 0; row < rows; row++) {
    const [left, right] = [rowOf(a, row), rowOf(b, row)];
    let sum = 0;
    for (let column = 0; column < columns; column++) sum += left[column]! * right[column]!;
    products[row] = sum;
  }
  return products;
}

/** target ← keep · target + factor · source, for two vectors. */
export function mixInto(
  target: Matrix['data'],
  source: Matrix['data'],
  { keep = 1, factor }: { readonly keep?: number; readonly factor: number },
): void {
  for (let index = 0; index < target.length; index++)
    target[index] = keep * target[index]! + factor * source[index]!;
}

/** One row as a view. */
export function rowOf({ data, columns }: Matrix, row: number): Matrix['data'] {
  return data.subarray(row * columns, (row + 1) * columns);
}

/** Columns [from, from + count) as a copy. */
export function columnRange(matrix: Matrix, from: number, count: number): Matrix {
  if (from === 0 && count === matrix.columns) return matrix;
  const part = zerosAs(matrix, matrix.rows, count);
  for (let row = 0; row < matrix.rows; row++)
    part.data.set(rowOf(matrix, row).subarray(from, from + count), row * count);
  return part;
}

/** Writes `part` over the columns from `from` on. */
export function setColumns(matrix: Matrix, from: number, part: Matrix): void {
  for (let row = 0; row < matrix.rows; row++) rowOf(matrix, row).set(rowOf(part, row), from);
}

/** The same numbers in the type of `like`. */
export function typedAs(like: Matrix, matrix: Matrix): Matrix {
  return isFloat64(like) ? toFloat64(matrix) : toFloat32(matrix);
}

/** Columns of long rows that are widened to float64 at a time. */
const GRAM_COLUMNS = 8192;

/** a · bᵀ, [a.rows, b.rows], in float64 whatever the rows are. */
export async function rowGram(a: Matrix, b: Matrix, engine: MatrixEngine): Promise<Matrix64> {
  const gram = zeros64(a.rows, b.rows);
  for (let from = 0; from < a.columns; from += GRAM_COLUMNS) {
    const count = Math.min(GRAM_COLUMNS, a.columns - from);
    const left = toFloat64(columnRange(a, from, count));
    const right = a === b ? left : toFloat64(columnRange(b, from, count));
    mixInto(gram.data, (await engine.multiply(left, right, { transposeB: true })).data, { factor: 1 });
  }
  return gram;
}
