import { describe, expect, it } from 'vitest';
import { Random } from '../../base/random.ts';
import { makeMatrix, toFloat64, type Matrix32 } from '../../linalg/matrix.ts';
import { plainMatrixEngine as engine } from '../../linalg/matrix-engine.ts';
import { fitRepresenterPoints, ownRepresenterValues } from './representer-points.ts';

const [count, columns, classCount] = [120, 9, 4];

/** Features with a long common direction, as embeddings behind a ReLU have. */
function embedding(rows: number, name: string): Matrix32 {
  const random = new Random(7, name);
  const data = Float32Array.from({ length: rows * columns }, () => Math.max(0, 2 + 3 * random.normal()));
  return makeMatrix(rows, columns, data);
}

const features = embedding(count, 'train');
const labels = new Random(7, 'labels');
const classOfRow = Int32Array.from({ length: count }, (_, row) =>
  labels.uniform() < 0.8
    ? Math.floor(features.data[row * columns]!) % classCount
    : labels.integer(classCount),
);

describe('METHODS 27: representer points reproduce logits', () => {
  it.each([0.003, 0.1])('of queries they were not fitted to, with λ = %d', async (penalty) => {
    const task = { features: () => [features], classOfRow, classCount, penalty };
    const { weights, values } = await fitRepresenterPoints(task, engine);
    const queries = embedding(20, 'queries');
    const logits = await engine.multiply(queries, weights, { transposeB: true });
    const kernel = toFloat64(await engine.multiply(queries, features, { transposeB: true }));
    for (let query = 0; query < queries.rows; query++) {
      for (let index = 0; index < classCount; index++) {
        let sum = 0;
        for (let row = 0; row < count; row++)
          sum += values[row * classCount + index]! * kernel.data[query * count + row]!;
        expect(Math.abs(sum - logits.data[query * classCount + index]!)).toBeLessThan(1e-3);
      }
    }
  });

  it('and the layer that was fitted is better than its neighbours', async () => {
    const penalty = 0.01;
    const task = { features: () => [features], classOfRow, classCount, penalty };
    const { weights } = await fitRepresenterPoints(task, engine);
    const best = objective(weights.data, penalty);
    const random = new Random(3, 'neighbours');
    for (let trial = 0; trial < 10; trial++) {
      const near = weights.data.map((weight) => weight + 0.01 * random.normal());
      expect(objective(near, penalty)).toBeGreaterThan(best);
    }
  });

  it('give the samples that were fitted the value of their own class', async () => {
    const task = { features: () => [features], classOfRow, classCount, penalty: 0.01 };
    const points = await fitRepresenterPoints(task, engine);
    const own = await ownRepresenterValues(points, features, classOfRow, engine);
    own.forEach((value, row) =>
      expect(value).toBeCloseTo(points.values[row * classCount + classOfRow[row]!]!, 5),
    );
    expect(Math.min(...own)).toBeGreaterThan(0);
  });
});

/** Mean cross-entropy plus penalty, written down once more. */
function objective(weights: Float64Array, penalty: number): number {
  let loss = 0;
  for (let row = 0; row < count; row++) {
    const logits = Array.from({ length: classCount }, (_, index) => {
      let sum = 0;
      for (let at = 0; at < columns; at++)
        sum += weights[index * columns + at]! * features.data[row * columns + at]!;
      return sum;
    });
    loss += Math.log(logits.reduce((sum, logit) => sum + Math.exp(logit), 0)) - logits[classOfRow[row]!]!;
  }
  return loss / count + penalty * weights.reduce((sum, weight) => sum + weight ** 2, 0);
}
