/** @file Rows scaled to length one. */
import { makeMatrix, type Matrix } from './matrix.ts';

/** Each row scaled to length one; a zero row stays zero. */
export function unitRows(block: Matrix): Matrix {
  const data = block.data.slice();
  for (let start = 0; start < data.length; start += block.columns) {
    let sum = 0;
    for (let index = start; index < start + block.columns; index++) sum += data[index]! ** 2;
    if (sum === 0) continue;
    const scale = 1 / Math.sqrt(sum);
    for (let index = start; index < start + block.columns; index++) data[index]! *= scale;
  }
  return makeMatrix(block.rows, block.columns, data);
}
