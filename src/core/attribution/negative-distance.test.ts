import { describe, expect, it } from 'vitest';
import { Random } from '../base/random.ts';
import { makeMatrix, rowBlock } from '../linalg/matrix.ts';
import { plainMatrixEngine as engine } from '../linalg/matrix-engine.ts';
import { meanDistances, measureDistances, productsToDistances } from './negative-distance.ts';

const random = new Random(5, 'embeddings');
const train = makeMatrix(
  12,
  4,
  Float64Array.from({ length: 48 }, () => random.normal() + 1),
);
const distance = (a: number, b: number): number => {
  const [left, right] = [rowBlock(train, a, 1).data, rowBlock(train, b, 1).data];
  return left.reduce((sum, value, index) => sum + (value - right[index]!) ** 2, 0);
};
const meanDistance = (a: number): number =>
  Array.from({ length: 12 }, (_, b) => distance(a, b)).reduce((sum, value) => sum + value / 12, 0);

describe('similarity by distance', () => {
  it('is how much nearer a training sample is than they are on average', async () => {
    const scale = await measureDistances([rowBlock(train, 0, 5), rowBlock(train, 5, 7)]);
    const queries = rowBlock(train, 2, 3);
    for (const [from, count] of [
      [0, 5],
      [5, 7],
    ] as const) {
      const scores = await engine.multiply(queries, rowBlock(train, from, count), { transposeB: true });
      productsToDistances({ firstRow: from, scores }, queries, scale);
      for (let query = 0; query < 3; query++)
        for (let column = 0; column < count; column++)
          expect(scores.data[query * count + column]).toBeCloseTo(
            meanDistance(2 + query) - distance(2 + query, from + column),
            10,
          );
    }
  });

  it('of a sample to itself is its mean distance to the training set', async () => {
    const own = meanDistances(train, await measureDistances([train]));
    own.forEach((score, row) => expect(score).toBeCloseTo(meanDistance(row), 10));
  });
});
