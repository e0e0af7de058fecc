import { afterAll, describe, expect, it } from 'vitest';
import { Random } from '../../core/base/random.ts';
import { factorise, solve } from '../../core/linalg/cholesky.ts';
import { gramOf } from '../../core/linalg/gram.ts';
import { makeMatrix, toFloat32, toFloat64, type Matrix64 } from '../../core/linalg/matrix.ts';
import { plainMatrixEngine } from '../../core/linalg/matrix-engine.ts';
import { widen } from '../../core/linalg/rows.ts';
import { encodeFloat16Rows } from '../artifacts/float16-rows.ts';
import { createOrtMatrixEngine } from './ort-matrix-engine.ts';

const engine = createOrtMatrixEngine({ threads: 1 });
afterAll(() => engine.dispose());

function randomMatrix(rows: number, columns: number, name: string): Matrix64 {
  const random = new Random(1, name);
  return makeMatrix(
    rows,
    columns,
    Float64Array.from({ length: rows * columns }, () => random.normal()),
  );
}

function largestDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  return Array.from(a).reduce((worst, value, index) => Math.max(worst, Math.abs(value - b[index]!)), 0);
}

describe('products through ONNX Runtime', () => {
  const choices = [false, true].flatMap((transposeA) =>
    [false, true].map((transposeB) => ({ transposeA, transposeB })),
  );

  it.each(choices)('agree with the plain ones: %o', async (options) => {
    for (const [rows, inner, columns] of [
      [3, 4, 5],
      [70, 33, 1],
    ] as const) {
      const a = options.transposeA ? randomMatrix(inner, rows, 'a') : randomMatrix(rows, inner, 'a');
      const b = options.transposeB ? randomMatrix(columns, inner, 'b') : randomMatrix(inner, columns, 'b');
      const expected = await plainMatrixEngine.multiply(a, b, options);
      const product = await engine.multiply(a, b, options);
      expect(product).toMatchObject({ rows, columns });
      expect(largestDifference(product.data, expected.data)).toBeLessThan(1e-12);
      const narrow = await engine.multiply(toFloat32(a), toFloat32(b), options);
      expect(narrow.data).toBeInstanceOf(Float32Array);
      expect(largestDifference(narrow.data, expected.data)).toBeLessThan(1e-4);
    }
  });

  it('take rows in 16 bits for what they stand for', async () => {
    // Rows of very different size: each has a scale of its own.
    const values = toFloat32(randomMatrix(30, 8, 'rows')).data.map(
      (value, index) => value * 10 ** ((index % 5) - 2),
    );
    const half = encodeFloat16Rows(values, 8);
    for (const a of [randomMatrix(4, 8, 'a'), toFloat32(randomMatrix(4, 8, 'a'))]) {
      const expected = await plainMatrixEngine.multiply(a, widen(half), { transposeB: true });
      const product = await engine.multiply(a, half, { transposeB: true });
      expect(largestDifference(product.data, expected.data)).toBeLessThan(1e-3);
      expect(product.data.constructor).toBe(a.data.constructor);
    }
  });

  it('add up a Gram matrix tile by tile, whatever the type of the rows and of the products', async () => {
    const values = toFloat32(randomMatrix(20, 700, 'rows')).data;
    const half = encodeFloat16Rows(values, 700);
    const rows = widen(half);
    const { product: expected } = await gramOf([rows, rows], plainMatrixEngine);
    for (const block of [half, rows, toFloat64(rows)]) {
      const exact = await gramOf([block, block], engine, 'float64');
      expect(largestDifference(exact.product.data, expected.data)).toBeLessThan(1e-11);
      const fast = await gramOf([block, block], engine, 'float32');
      expect(largestDifference(fast.product.data, expected.data)).toBeLessThan(1e-4);
      expect(fast.product.data).not.toEqual(exact.product.data);
    }
  });

  it('are float64 where one operand is', async () => {
    const a = randomMatrix(3, 3, 'a');
    expect((await engine.multiply(toFloat32(a), a)).data).toBeInstanceOf(Float64Array);
  });

  it('read views into larger arrays at their offset', async () => {
    const whole = randomMatrix(10, 4, 'whole');
    const view = makeMatrix(2, 4, whole.data.subarray(12, 20));
    const unit = makeMatrix(
      4,
      4,
      Float64Array.from({ length: 16 }, (_, index) => (index % 5 === 0 ? 1 : 0)),
    );
    expect((await engine.multiply(view, unit)).data).toEqual(whole.data.slice(12, 20));
  });

  it('carry a blocked Cholesky solve', async () => {
    const { product } = await gramOf([randomMatrix(400, 200, 'features')], engine);
    const factor = await factorise(product, 1, engine);
    const right = randomMatrix(200, 3, 'right');
    const again = toFloat64(await engine.multiply(product, await solve(factor, right, engine)));
    const solved = await solve(factor, right, engine);
    for (let index = 0; index < again.data.length; index++) again.data[index]! += solved.data[index]!;
    expect(largestDifference(again.data, right.data)).toBeLessThan(1e-10);
  });

  it('give equal bits for equal operands', async () => {
    const a = toFloat32(randomMatrix(300, 200, 'a'));
    const first = await engine.multiply(a, a, { transposeA: true });
    expect((await engine.multiply(a, a, { transposeA: true })).data).toEqual(first.data);
  });
});
