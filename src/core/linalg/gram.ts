/** @file ΦᵀΦ over a stream of row blocks, accumulated in float64. */
import { assert } from '../base/assert.ts';
import { makeMatrix, zeros64, type Matrix, type Matrix64 } from './matrix.ts';
import type { GramPrecision, MatrixEngine } from './matrix-engine.ts';
import { isHalf, rowRange, widen, type Rows } from './rows.ts';

/** Blocks of consecutive rows, in row order. */
export type RowBlocks = AsyncIterable<Rows> | Iterable<Rows>;

/** Rows of a product at a time: large enough for the engine, small enough for memory (16 MB at 4,096 columns). */
export const standardBlockRows = 1024;
/** Of longer rows as many as make 64 MB. */
const standardBlockNumbers = 2 ** 24;

/** Of a Gram matrix: each block's product is read once and added to k² sums, so fewer, larger blocks pay. */
const gramBlockRows = 4096;

/**
 * The same rows in blocks of the wanted or a standard size, however they came. Sums over blocks then depend on the rows alone, bit for bit,
 * not on how the store was cut into shards.
 */
export async function* reblock(blocks: RowBlocks, wanted?: number): AsyncGenerator<Rows> {
  let pending: Rows | null = null;
  let filled = 0;
  for await (const block of blocks) {
    const size = wanted ?? standardRows(block.columns);
    for (let from = 0; from < block.rows;) {
      if (pending === null && block.rows - from >= size) {
        yield rowRange(block, from, size);
        from += size;
        continue;
      }
      pending ??= emptyLike(block, size);
      const count = Math.min(size - filled, block.rows - from);
      copyRows(rowRange(block, from, count), pending, filled);
      filled += count;
      from += count;
      if (filled < size) continue;
      yield pending;
      pending = null;
      filled = 0;
    }
  }
  if (pending !== null) yield rowRange(pending, 0, filled);
}

function standardRows(columns: number): number {
  return Math.max(1, Math.min(standardBlockRows, Math.floor(standardBlockNumbers / columns)));
}

/** Room for `rows` rows of the same kind. */
function emptyLike(block: Rows, rows: number): Rows {
  const { columns } = block;
  const length = rows * columns;
  if (isHalf(block)) {
    return { rows, columns, bits: new Uint16Array(length), scales: new Float32Array(rows) };
  }
  const data = block.data instanceof Float64Array ? new Float64Array(length) : new Float32Array(length);
  return makeMatrix(rows, columns, data);
}

/** Rows of one stream are all of one kind. */
function copyRows(from: Rows, into: Rows, firstRow: number): void {
  if (isHalf(from) && isHalf(into)) {
    into.bits.set(from.bits, firstRow * from.columns);
    into.scales.set(from.scales, firstRow);
    return;
  }
  assert(!isHalf(from) && !isHalf(into), 'a stream changes the type of its rows');
  into.data.set(from.data, firstRow * from.columns);
}

export interface Gram {
  /** ΦᵀΦ, [k, k]. */
  readonly product: Matrix64;
  /** n, the rows that were summed. */
  readonly rowCount: number;
}

/**
 * From this multiple of the mean eigenvalue on, a ridge hides what float32 products lose: on features of a trained network, whose
 * largest eigenvalue is some 100 times the mean, that is about 2e-6 of the mean.
 */
const FLOAT32_DAMPING = 1e-4;

/** The precision that a ridge of this relative damping needs. */
export function gramPrecision(relativeDamping: number): GramPrecision {
  return relativeDamping >= FLOAT32_DAMPING ? 'float32' : 'float64';
}

/** ΦᵀΦ. Sums over blocks are float64; `precision` is that of the products within a block. */
export async function gramOf(
  blocks: RowBlocks,
  engine: MatrixEngine,
  precision: GramPrecision = 'float64',
): Promise<Gram> {
  let product: Matrix64 | null = null;
  let rowCount = 0;
  for await (const block of reblock(blocks, gramBlockRows)) {
    product ??= zeros64(block.columns, block.columns);
    await engine.addGram(product, block, precision);
    rowCount += block.rows;
  }
  assert(product !== null, 'a Gram matrix needs at least one row');
  mirrorLowerTriangle(product);
  return { product, rowCount };
}

/** Copies what lies below the diagonal to above it, tile by tile, so that both sides stay in the cache. */
function mirrorLowerTriangle({ data, rows }: Matrix64): void {
  const tile = 64;
  for (let top = 0; top < rows; top += tile) {
    for (let left = 0; left <= top; left += tile) {
      for (let row = top; row < Math.min(rows, top + tile); row++) {
        for (let column = left; column < Math.min(row, left + tile); column++) {
          data[column * rows + row] = data[row * rows + column]!;
        }
      }
    }
  }
}

/** All rows of a stream in one matrix. Only for streams that are known to be small. */
export async function collectRows(blocks: RowBlocks): Promise<Matrix> {
  const parts: Matrix[] = [];
  for await (const block of blocks) parts.push(widen(block));
  const first = parts[0];
  assert(first !== undefined, 'there are no rows to collect');
  const rows = parts.reduce((sum, part) => sum + part.rows, 0);
  const whole = makeMatrix(
    rows,
    first.columns,
    first.data instanceof Float64Array
      ? new Float64Array(rows * first.columns)
      : new Float32Array(rows * first.columns),
  );
  let at = 0;
  for (const part of parts) {
    whole.data.set(part.data, at);
    at += part.data.length;
  }
  return whole;
}
