/**
 * @file The port for big dense products, and the plain implementation of it.
 * Core's algebra is written against the port; the engine implements it over ONNX Runtime.
 */
import { assert } from '../base/assert.ts';
import {
  isFloat64,
  makeMatrix,
  toFloat32,
  toFloat64,
  transpose,
  type Matrix,
  type Matrix64,
  type MatrixData,
} from './matrix.ts';
import { widen, type Rows } from './rows.ts';

export interface MultiplyOptions {
  readonly transposeA?: boolean;
  readonly transposeB?: boolean;
}

/** Of the products in ΦᵀΦ: float32 is about twice as fast, and loses what only a very small damping can tell (`gramPrecision`). */
export type GramPrecision = 'float32' | 'float64';

export interface MatrixEngine {
  /** op(a) · op(b), op transposing where asked. float64 where either operand is, float32 otherwise. */
  multiply(a: Matrix, b: Rows, options?: MultiplyOptions): Promise<Matrix>;
  /** total += ΦᵀΦ on and below the diagonal; what stands above it is left undefined. total: [k, k], Φ: [rows, k]. */
  addGram(total: Matrix64, rows: Rows, precision: GramPrecision): Promise<void>;
}

/** Rows and columns of op(a) · op(b); the inner extents must agree. */
export function productShape(
  a: Pick<Matrix, 'rows' | 'columns'>,
  b: Pick<Matrix, 'rows' | 'columns'>,
  options: MultiplyOptions = {},
): { rows: number; inner: number; columns: number } {
  const [rows, inner] = options.transposeA === true ? [a.columns, a.rows] : [a.rows, a.columns];
  const [innerOfB, columns] = options.transposeB === true ? [b.columns, b.rows] : [b.rows, b.columns];
  assert(inner === innerOfB, `cannot multiply ${rows}×${inner} by ${innerOfB}×${columns}`);
  return { rows, inner, columns };
}

/** Both operands in the element type of their product. */
export function withCommonType(a: Matrix, b: Matrix): readonly [Matrix, Matrix] {
  return isFloat64(a) || isFloat64(b) ? [toFloat64(a), toFloat64(b)] : [toFloat32(a), toFloat32(b)];
}

/** Rows of op(b)ᵀ kept in the processor's cache while the rows of op(a) pass by. */
const columnTile = 64;

/**
 * Plain TypeScript products. Every element is one sum over the inner extent in rising order, in float64, so that no
 * tiling and no chunking of rows or columns changes a single bit. For tests and small work.
 */
export const plainMatrixEngine: MatrixEngine = {
  multiply(a, b, options = {}) {
    const shape = productShape(a, b, options);
    const [left, right] = withCommonType(a, widen(b));
    const rowsOfA = options.transposeA === true ? transpose(left).data : left.data;
    const columnsOfB = options.transposeB === true ? right.data : transpose(right).data;
    const count = shape.rows * shape.columns;
    const data: MatrixData = isFloat64(left) ? new Float64Array(count) : new Float32Array(count);
    for (let from = 0; from < shape.columns; from += columnTile) {
      const to = Math.min(from + columnTile, shape.columns);
      multiplyTile(rowsOfA, columnsOfB, data, { ...shape, from, to });
    }
    return Promise.resolve(makeMatrix(shape.rows, shape.columns, data));
  },
  async addGram(total, rows, precision) {
    const wide = widen(rows);
    const typed = precision === 'float64' ? toFloat64(wide) : toFloat32(wide);
    const product = await plainMatrixEngine.multiply(typed, typed, { transposeA: true });
    for (let index = 0; index < total.data.length; index++) total.data[index]! += product.data[index]!;
  },
};

function multiplyTile(
  rowsOfA: MatrixData,
  columnsOfB: MatrixData,
  out: MatrixData,
  shape: { rows: number; inner: number; columns: number; from: number; to: number },
): void {
  const { rows, inner, columns, from, to } = shape;
  for (let row = 0; row < rows; row++) {
    const a = row * inner;
    for (let column = from; column < to; column++) {
      const b = column * inner;
      let sum = 0;
      for (let index = 0; index < inner; index++) sum += rowsOfA[a + index]! * columnsOfB[b + index]!;
      out[row * columns + column] = sum;
    }
  }
}
