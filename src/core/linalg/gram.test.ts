import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Random } from '../base/random.ts';
import { collectRows, gramOf, reblock } from './gram.ts';
import { makeMatrix, rowBlock, transpose, type Matrix, type Matrix32 } from './matrix.ts';
import { plainMatrixEngine } from './matrix-engine.ts';
import { widen } from './rows.ts';

function randomRows(rows: number, columns: number): Matrix32 {
  const random = new Random(2, 'rows');
  return makeMatrix(
    rows,
    columns,
    Float32Array.from({ length: rows * columns }, () => random.normal()),
  );
}

function cut(matrix: Matrix, sizes: readonly number[]): Matrix[] {
  const blocks: Matrix[] = [];
  for (let from = 0, index = 0; from < matrix.rows; index++) {
    const count = Math.min(sizes[index % sizes.length]!, matrix.rows - from);
    blocks.push(rowBlock(matrix, from, count));
    from += count;
  }
  return blocks;
}

describe('reblock', () => {
  it('gives the same rows in standard blocks however they were cut', async () => {
    const matrix = randomRows(53, 3);
    const sizes = fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1, maxLength: 6 });
    await fc.assert(
      fc.asyncProperty(sizes, fc.integer({ min: 1, max: 60 }), async (cuts, size) => {
        const blocks: Matrix[] = [];
        for await (const block of reblock(cut(matrix, cuts), size)) blocks.push(widen(block));
        expect(blocks.slice(0, -1).every((block) => block.rows === size)).toBe(true);
        expect((await collectRows(blocks)).data).toEqual(matrix.data);
      }),
      { numRuns: 60 },
    );
  });
});

describe('gramOf', () => {
  it('does not change by a bit when the chunks do', async () => {
    const matrix = randomRows(5000, 6);
    const whole = await gramOf([matrix], plainMatrixEngine);
    const chunked = await gramOf(cut(matrix, [1, 700, 13, 1024]), plainMatrixEngine);
    expect(chunked.product.data).toEqual(whole.product.data);
    expect(chunked.rowCount).toBe(5000);
  });

  it('is ΦᵀΦ in float64', async () => {
    const matrix = randomRows(40, 4);
    const wide = makeMatrix(40, 4, Float64Array.from(matrix.data));
    const expected = await plainMatrixEngine.multiply(transpose(wide), wide);
    const { product } = await gramOf([matrix], plainMatrixEngine);
    expect(product.data).toBeInstanceOf(Float64Array);
    product.data.forEach((value, index) => expect(value).toBeCloseTo(expected.data[index]!, 12));
  });
});
