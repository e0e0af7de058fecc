import { describe, expect, it } from 'vitest';
import { Random } from '../base/random.ts';
import { factorise, solve, solveLower } from './cholesky.ts';
import { makeMatrix, toFloat64, transpose, type Matrix64 } from './matrix.ts';
import { plainMatrixEngine } from './matrix-engine.ts';

const engine = plainMatrixEngine;

function randomMatrix(rows: number, columns: number, name: string): Matrix64 {
  const random = new Random(5, name);
  return makeMatrix(
    rows,
    columns,
    Float64Array.from({ length: rows * columns }, () => random.normal()),
  );
}

async function positiveDefinite(order: number): Promise<Matrix64> {
  const root = randomMatrix(order, order, `root ${order}`);
  const product = toFloat64(await engine.multiply(root, root, { transposeB: true }));
  for (let index = 0; index < order; index++) product.data[index * order + index]! += order;
  return product;
}

function largestDifference(a: Matrix64, b: Matrix64): number {
  return a.data.reduce((worst, value, index) => Math.max(worst, Math.abs(value - b.data[index]!)), 0);
}

describe('blocked Cholesky', () => {
  // Below one block, exactly one, several with a rest.
  it.each([1, 7, 128, 300])('L·Lᵀ gives A + damping·I back at order %i', async (order) => {
    const matrix = await positiveDefinite(order);
    const { lower } = await factorise(matrix, 0.5, engine);
    const again = toFloat64(await engine.multiply(lower, lower, { transposeB: true }));
    for (let index = 0; index < order; index++) again.data[index * order + index]! -= 0.5;
    expect(largestDifference(again, matrix)).toBeLessThan(1e-10 * order);
  });

  it('solves many right-hand sides at once', async () => {
    const matrix = await positiveDefinite(300);
    const right = randomMatrix(300, 5, 'right');
    const factor = await factorise(matrix, 0, engine);
    const solution = await solve(factor, right, engine);
    const again = toFloat64(await engine.multiply(matrix, solution));
    expect(largestDifference(again, right)).toBeLessThan(1e-11);
  });

  it('solves with the lower factor alone', async () => {
    const factor = await factorise(await positiveDefinite(200), 0, engine);
    const right = randomMatrix(200, 3, 'right');
    const again = toFloat64(await engine.multiply(factor.lower, await solveLower(factor, right, engine)));
    expect(largestDifference(again, right)).toBeLessThan(1e-12);
  });

  it('refuses a matrix that is not positive definite, and names the row', async () => {
    const rankOne = makeMatrix(3, 3, Float64Array.from([1, 1, 1, 1, 1, 1, 1, 1, 1]));
    await expect(factorise(rankOne, 0, engine)).rejects.toThrow(/at row 1/);
    await expect(factorise(rankOne, 1e-3, engine)).resolves.toBeDefined();
  });
});

describe('products', () => {
  it('agree whatever is transposed', async () => {
    const a = randomMatrix(70, 90, 'a');
    const b = randomMatrix(90, 65, 'b');
    const plain = toFloat64(await engine.multiply(a, b));
    const both = await engine.multiply(transpose(a), transpose(b), { transposeA: true, transposeB: true });
    expect(both.data).toEqual(plain.data);
    let sum = 0;
    for (let index = 0; index < 90; index++) sum += a.data[3 * 90 + index]! * b.data[index * 65 + 64]!;
    expect(plain.data[3 * 65 + 64]).toBeCloseTo(sum, 12);
  });
});
