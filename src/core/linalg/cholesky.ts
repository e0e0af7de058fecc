/**
 * @file Blocked Cholesky factorisation and triangular solves in float64: small triangles here, panels through the
 * MatrixEngine. A = L·Lᵀ with L lower triangular.
 */
import { AppError } from '../base/app-error.ts';
import { assert } from '../base/assert.ts';
import { copyBlock, makeMatrix, toFloat64, zeros64, type Matrix, type Matrix64 } from './matrix.ts';
import type { MatrixEngine } from './matrix-engine.ts';

/** Measured best between 128 and 192 for 1,000 to 4,000 columns on ONNX Runtime's float64 products. */
const blockSize = 128;

export interface CholeskyFactor {
  readonly order: number;
  /** L, [order, order]; above the diagonal zero. */
  readonly lower: Matrix64;
  /** Inverses of L's diagonal blocks, so that a block solve is a product. */
  readonly blockInverses: readonly Matrix64[];
}

/** L of A + damping·I. Only the lower triangle of A is read; A is not changed. */
export async function factorise(
  matrix: Matrix64,
  damping: number,
  engine: MatrixEngine,
): Promise<CholeskyFactor> {
  const order = matrix.rows;
  assert(matrix.columns === order, 'only a square matrix has a Cholesky factor');
  const lower = zeros64(order, order);
  const blockInverses: Matrix64[] = [];
  for (let start = 0; start < order; start += blockSize) {
    const size = Math.min(blockSize, order - start);
    const panel = copyBlock(matrix, { row: start, column: start }, { rows: order - start, columns: size });
    for (let index = 0; index < size; index++) panel.data[index * size + index]! += damping;
    await subtractEarlierBlocks(panel, lower, start, engine);
    const triangle = factoriseTriangle(panel, size, start);
    const inverse = invertTriangle(triangle);
    blockInverses.push(inverse);
    writeBlock(lower, triangle, start, start);
    if (panel.rows > size) {
      const below = makeMatrix(panel.rows - size, size, panel.data.subarray(size * size));
      const solved = toFloat64(await engine.multiply(below, inverse, { transposeB: true }));
      writeBlock(lower, solved, start + size, start);
    }
  }
  return { order, lower, blockInverses };
}

/** panel −= L[start:, :start] · L[start:start+size, :start]ᵀ: what the columns to the left explain already. */
async function subtractEarlierBlocks(
  panel: Matrix64,
  lower: Matrix64,
  start: number,
  engine: MatrixEngine,
): Promise<void> {
  if (start === 0) return;
  const left = copyBlock(lower, { row: start, column: 0 }, { rows: panel.rows, columns: start });
  const top = makeMatrix(panel.columns, start, left.data.subarray(0, panel.columns * start));
  const explained = await engine.multiply(left, top, { transposeB: true });
  for (let index = 0; index < panel.data.length; index++) panel.data[index]! -= explained.data[index]!;
}

/** The unblocked factor of a panel's first `size` rows. `start` is where the panel stands, for the message. */
function factoriseTriangle(panel: Matrix64, size: number, start: number): Matrix64 {
  const triangle = zeros64(size, size);
  const { data } = triangle;
  for (let row = 0; row < size; row++) {
    for (let column = 0; column <= row; column++) {
      let rest = panel.data[row * size + column]!;
      for (let index = 0; index < column; index++)
        rest -= data[row * size + index]! * data[column * size + index]!;
      if (row !== column) data[row * size + column] = rest / data[column * size + column]!;
      else if (rest > 0) data[row * size + row] = Math.sqrt(rest);
      else throw new AppError('damping-too-small', { row: start + row, order: start + panel.rows });
    }
  }
  return triangle;
}

/** The inverse of a lower triangle, by forward substitution on the unit vectors. */
function invertTriangle(triangle: Matrix64): Matrix64 {
  const size = triangle.rows;
  const inverse = zeros64(size, size);
  for (let unit = 0; unit < size; unit++) {
    for (let row = unit; row < size; row++) {
      let rest = row === unit ? 1 : 0;
      for (let index = unit; index < row; index++) {
        rest -= triangle.data[row * size + index]! * inverse.data[index * size + unit]!;
      }
      inverse.data[row * size + unit] = rest / triangle.data[row * size + row]!;
    }
  }
  return inverse;
}

function writeBlock(into: Matrix64, block: Matrix64, row: number, column: number): void {
  for (let index = 0; index < block.rows; index++) {
    const values = block.data.subarray(index * block.columns, (index + 1) * block.columns);
    into.data.set(values, (row + index) * into.columns + column);
  }
}

/** X with L·X = B: one column per right-hand side. */
export async function solveLower(
  factor: CholeskyFactor,
  right: Matrix,
  engine: MatrixEngine,
): Promise<Matrix64> {
  return substitute(factor, right, engine, 'down');
}

/** X with (L·Lᵀ)·X = B: one column per right-hand side. */
export async function solve(factor: CholeskyFactor, right: Matrix, engine: MatrixEngine): Promise<Matrix64> {
  return substitute(factor, await solveLower(factor, right, engine), engine, 'up');
}

/** Block substitution. Down: L·X = B from the first block on. Up: Lᵀ·X = B from the last block back. */
async function substitute(
  factor: CholeskyFactor,
  right: Matrix,
  engine: MatrixEngine,
  direction: 'down' | 'up',
): Promise<Matrix64> {
  const { order, lower, blockInverses } = factor;
  const width = right.columns;
  assert(right.rows === order, `the factor has order ${order}, the right-hand side ${right.rows} rows`);
  const solution = makeMatrix(order, width, Float64Array.from(right.data));
  for (let step = 0; step < blockInverses.length; step++) {
    const block = direction === 'down' ? step : blockInverses.length - 1 - step;
    const start = block * blockSize;
    const inverse = blockInverses[block]!;
    const end = start + inverse.rows;
    const here = makeMatrix(inverse.rows, width, solution.data.subarray(start * width, end * width));
    const [from, to] = direction === 'down' ? [0, start] : [end, order];
    if (to > from) {
      // Down: L[start:end, :start] · X[:start]. Up: L[end:, start:end]ᵀ · X[end:].
      const known = makeMatrix(to - from, width, solution.data.subarray(from * width, to * width));
      const coupling =
        direction === 'down'
          ? copyBlock(lower, { row: start, column: 0 }, { rows: inverse.rows, columns: start })
          : copyBlock(lower, { row: end, column: start }, { rows: order - end, columns: inverse.rows });
      const explained = await engine.multiply(coupling, known, { transposeA: direction === 'up' });
      for (let index = 0; index < here.data.length; index++) here.data[index]! -= explained.data[index]!;
    }
    here.data.set((await engine.multiply(inverse, here, { transposeA: direction === 'up' })).data);
  }
  return solution;
}
