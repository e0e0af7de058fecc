/**
 * @file Feature rows as they stream by: as a matrix, or in 16 bits per element as the feature store keeps them. Products take either;
 * what is kept in 16 bits is widened inside the product, where it costs next to nothing.
 */
import { makeMatrix, rowBlock, type Matrix, type Matrix32 } from './matrix.ts';

/** Element (row, column) is float16(bits[row · columns + column]) / scales[row]. */
export interface HalfRows {
  readonly rows: number;
  readonly columns: number;
  /** Raw bits, [rows, columns]. */
  readonly bits: Uint16Array<ArrayBuffer>;
  /** What each row was multiplied by before it was rounded, a power of two; [rows]. */
  readonly scales: Float32Array<ArrayBuffer>;
}

export type Rows = Matrix | HalfRows;

export function isHalf(rows: Rows): rows is HalfRows {
  return 'bits' in rows;
}

/** The same numbers as a matrix, exactly; the matrix itself where it is one. */
export function widen(rows: Rows): Matrix {
  return isHalf(rows) ? widenHalf(rows) : rows;
}

function widenHalf({ rows, columns, bits, scales }: HalfRows): Matrix32 {
  const table = float16Table();
  const values = new Float32Array(bits.length);
  for (let row = 0; row < rows; row++) {
    const factor = 1 / scales[row]!;
    const start = row * columns;
    for (let index = start; index < start + columns; index++) values[index] = table[bits[index]!]! * factor;
  }
  return makeMatrix(rows, columns, values);
}

/** Rows [from, from + count) as a view: nothing is copied. */
export function rowRange(rows: Rows, from: number, count: number): Rows {
  if (!isHalf(rows)) return rowBlock(rows, from, count);
  const { columns, bits, scales } = rows;
  return {
    rows: count,
    columns,
    bits: bits.subarray(from * columns, (from + count) * columns),
    scales: scales.subarray(from, from + count),
  };
}

let cachedTable: Float32Array | null = null;

/** Every float16 by its bits: a look-up is three times as fast as a conversion. */
function float16Table(): Float32Array {
  cachedTable ??= new Float32Array(
    new Float16Array(Uint16Array.from({ length: 65_536 }, (_, bits) => bits).buffer),
  );
  return cachedTable;
}
