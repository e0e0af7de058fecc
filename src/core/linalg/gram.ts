/** @file ΦᵀΦ over a stream of row blocks, accumulated in float64. */
import { assert } from '../base/assert.ts';
import { makeMatrix, rowBlock, toFloat64, zeros64, type Matrix, type Matrix64 } from './matrix.ts';
import type { MatrixEngine } from './matrix-engine.ts';

/** Blocks of consecutive rows, in row order. */
export type RowBlocks = AsyncIterable<Matrix> | Iterable<Matrix>;

/** Rows of a product at a time: large enough for the engine, small enough for memory (32 MB at 4,096 columns). */
export const standardBlockRows = 1024;

/**
 * The same rows in blocks of `size`, however they came. Sums over blocks then depend on the rows alone, bit for bit,
 * not on how the store was cut into shards.
 */
export async function* reblock(blocks: RowBlocks, size = standardBlockRows): AsyncGenerator<Matrix> {
  let pending: Matrix | null = null;
  let filled = 0;
  for await (const block of blocks) {
    for (let from = 0; from < block.rows;) {
      if (pending === null && block.rows - from >= size) {
        yield rowBlock(block, from, size);
        from += size;
        continue;
      }
      pending ??= emptyLike(block, size);
      const count = Math.min(size - filled, block.rows - from);
      pending.data.set(rowBlock(block, from, count).data, filled * block.columns);
      filled += count;
      from += count;
      if (filled < size) continue;
      yield pending;
      pending = null;
      filled = 0;
    }
  }
  if (pending !== null) yield rowBlock(pending, 0, filled);
}

function emptyLike(block: Matrix, rows: number): Matrix {
  const length = rows * block.columns;
  const data = block.data instanceof Float64Array ? new Float64Array(length) : new Float32Array(length);
  return makeMatrix(rows, block.columns, data);
}

export interface Gram {
  /** ΦᵀΦ, [k, k]. */
  readonly product: Matrix64;
  /** n, the rows that were summed. */
  readonly rowCount: number;
}

/** ΦᵀΦ. Products and sums are float64: float32 sums break down where the damping is small (METHODS §1.3). */
export async function gramOf(blocks: RowBlocks, engine: MatrixEngine): Promise<Gram> {
  let product: Matrix64 | null = null;
  let rowCount = 0;
  for await (const block of reblock(blocks)) {
    const wide = toFloat64(block);
    product ??= zeros64(block.columns, block.columns);
    addTo(product, await engine.multiply(wide, wide, { transposeA: true }));
    rowCount += block.rows;
  }
  assert(product !== null, 'a Gram matrix needs at least one row');
  return { product, rowCount };
}

/** total += part, element by element. */
export function addTo(total: Matrix64, part: Matrix): void {
  assert(total.data.length === part.data.length, 'only matrices of one size can be added');
  for (let index = 0; index < total.data.length; index++) total.data[index]! += part.data[index]!;
}

/** All rows of a stream in one matrix. Only for streams that are known to be small. */
export async function collectRows(blocks: RowBlocks): Promise<Matrix> {
  const parts: Matrix[] = [];
  for await (const block of blocks) parts.push(block);
  const first = parts[0];
  assert(first !== undefined, 'there are no rows to collect');
  const rows = parts.reduce((sum, part) => sum + part.rows, 0);
  const whole = emptyLike(first, rows);
  let at = 0;
  for (const part of parts) {
    whole.data.set(part.data, at);
    at += part.data.length;
  }
  return whole;
}
