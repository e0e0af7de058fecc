/** @file Dense row-major matrices in float32 or float64: the currency of the algebra above the features. */
import { assert } from '../base/assert.ts';

export type MatrixData = Float32Array | Float64Array;

export interface Matrix<Data extends MatrixData = MatrixData> {
  readonly rows: number;
  readonly columns: number;
  /** Row-major: element (row, column) stands at row · columns + column. */
  readonly data: Data;
}
export type Matrix64 = Matrix<Float64Array>;
export type Matrix32 = Matrix<Float32Array>;

/** A matrix over `data`, whose length must fit. */
export function makeMatrix<Data extends MatrixData>(rows: number, columns: number, data: Data): Matrix<Data> {
  assert(data.length === rows * columns, `a ${rows}×${columns} matrix cannot hold ${data.length} numbers`);
  return { rows, columns, data };
}

export function zeros64(rows: number, columns: number): Matrix64 {
  return makeMatrix(rows, columns, new Float64Array(rows * columns));
}

export function zeros32(rows: number, columns: number): Matrix32 {
  return makeMatrix(rows, columns, new Float32Array(rows * columns));
}

export function isFloat64(matrix: Matrix): matrix is Matrix64 {
  return matrix.data instanceof Float64Array;
}

/** The same numbers in float64; the matrix itself where it is float64 already. */
export function toFloat64(matrix: Matrix): Matrix64 {
  return isFloat64(matrix) ? matrix : makeMatrix(matrix.rows, matrix.columns, Float64Array.from(matrix.data));
}

/** The same numbers in float32; the matrix itself where it is float32 already. */
export function toFloat32(matrix: Matrix): Matrix32 {
  if (matrix.data instanceof Float32Array) return makeMatrix(matrix.rows, matrix.columns, matrix.data);
  return makeMatrix(matrix.rows, matrix.columns, Float32Array.from(matrix.data));
}

/** Rows [from, from + count) as a view: nothing is copied. */
export function rowBlock<Data extends MatrixData>(
  matrix: Matrix<Data>,
  from: number,
  count: number,
): Matrix<Data> {
  const { columns } = matrix;
  const data = matrix.data.subarray(from * columns, (from + count) * columns) as Data;
  return makeMatrix(count, columns, data);
}

/** These rows as a copy, in this order. */
export function rowsOf({ columns, data }: Matrix, rows: Int32Array): Matrix {
  const some = new Float32Array(rows.length * columns);
  for (const [place, row] of rows.entries())
    some.set(data.subarray(row * columns, (row + 1) * columns), place * columns);
  return makeMatrix(rows.length, columns, some);
}

/** Rows [row, row + rows) × columns [column, column + columns) as a copy. */
export function copyBlock(
  matrix: Matrix64,
  from: { readonly row: number; readonly column: number },
  size: { readonly rows: number; readonly columns: number },
): Matrix64 {
  const block = zeros64(size.rows, size.columns);
  for (let row = 0; row < size.rows; row++) {
    const start = (from.row + row) * matrix.columns + from.column;
    block.data.set(matrix.data.subarray(start, start + size.columns), row * size.columns);
  }
  return block;
}

export function transpose<Data extends MatrixData>(matrix: Matrix<Data>): Matrix<Data> {
  const { rows, columns, data } = matrix;
  const swapped = data.slice() as Data;
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++)
      swapped[column * rows + row] = data[row * columns + column]!;
  }
  return makeMatrix(columns, rows, swapped);
}

/** One column as a new float64 array. */
export function column(matrix: Matrix, index: number): Float64Array {
  const values = new Float64Array(matrix.rows);
  for (let row = 0; row < matrix.rows; row++) values[row] = matrix.data[row * matrix.columns + index]!;
  return values;
}

/** Sum of the diagonal. */
export function trace(matrix: Matrix): number {
  let sum = 0;
  for (let index = 0; index < matrix.rows; index++) sum += matrix.data[index * matrix.columns + index]!;
  return sum;
}
