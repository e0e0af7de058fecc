import { describe, expect, it } from 'vitest';
import { tolerances } from '../../../testing/tolerances.ts';
import { Random } from '../base/random.ts';
import { plainMatrixEngine, type MatrixEngine } from './matrix-engine.ts';
import { makeMatrix, zeros64, type Matrix64 } from './matrix.ts';
import { symmetricEigen } from './symmetric-eigen.ts';

const times: MatrixEngine['multiply'] = (...operands) => plainMatrixEngine.multiply(...operands);

/** A·Aᵀ of a random A [order, rank]. */
async function drawSymmetric(order: number, rank: number): Promise<Matrix64> {
  const random = new Random(3, `symmetric ${order} ${rank}`);
  const factor = makeMatrix(
    order,
    rank,
    new Float64Array(order * rank).map(() => random.normal()),
  );
  return (await times(factor, factor, { transposeB: true })) as Matrix64;
}

function furthest(a: ArrayLike<number>, b: ArrayLike<number>): number {
  return Array.from(a, (value, index) => Math.abs(value - b[index]!)).reduce((x, y) => Math.max(x, y), 0);
}

describe('the eigenvectors of a symmetric matrix', () => {
  it.each([
    [1, 1],
    [2, 2],
    [7, 7],
    [60, 60],
    [60, 9],
  ])('of order %i and rank %i are orthonormal and put it together again', async (order, rank) => {
    const matrix = await drawSymmetric(order, rank);
    const { values, vectors } = symmetricEigen(matrix);
    const identity = zeros64(order, order);
    const scaled = zeros64(order, order);
    for (let row = 0; row < order; row++) {
      identity.data[row * order + row] = 1;
      for (let column = 0; column < order; column++)
        scaled.data[row * order + column] = values[row]! * vectors.data[row * order + column]!;
    }
    const gram = await times(vectors, vectors, { transposeB: true });
    expect(furthest(gram.data, identity.data)).toBeLessThan(tolerances.float64Reordered);
    const restored = await times(vectors, scaled, { transposeA: true });
    expect(furthest(restored.data, matrix.data) / values[0]!).toBeLessThan(tolerances.float64Reordered);
    for (let index = 1; index < order; index++)
      expect(values[index - 1]).toBeGreaterThanOrEqual(values[index]!);
  });

  it('of a diagonal matrix, zeros and equal values among them, are its diagonal', () => {
    const matrix = zeros64(4, 4);
    [2, 0, 5, 2].forEach((value, index) => (matrix.data[index * 5] = value));
    expect([...symmetricEigen(matrix).values]).toEqual([5, 2, 2, 0]);
  });

  it('are found where most of the matrix is zero, or rounding', async () => {
    // Pixels that are always black, and values of very different size.
    const matrix = await drawSymmetric(40, 6);
    for (let index = 0; index < 1600; index++) {
      const factor = (place: number) => (place % 3 === 0 ? 0 : 10 ** -(place / 3));
      matrix.data[index]! *= factor(Math.floor(index / 40)) * factor(index % 40);
    }
    const { values, vectors } = symmetricEigen(matrix);
    const image = await times(vectors, matrix);
    for (let index = 0; index < 1600; index++) {
      const expected = values[Math.floor(index / 40)]! * vectors.data[index]!;
      expect(Math.abs(image.data[index]! - expected)).toBeLessThan(tolerances.float64Reordered * values[0]!);
    }
  });

  it('are refused where there are no numbers', () => {
    expect(() => symmetricEigen(makeMatrix(2, 2, Float64Array.of(NaN, NaN, NaN, NaN)))).toThrow(
      'not a number',
    );
  });
});
