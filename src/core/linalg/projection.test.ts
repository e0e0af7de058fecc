import { describe, expect, it } from 'vitest';
import { Random } from '../base/random.ts';
import { makeMatrix, zeros64, type Matrix64 } from './matrix.ts';
import { plainMatrixEngine } from './matrix-engine.ts';
import {
  makeProjection,
  project,
  projectFactorised,
  projectionMatrix,
  type ProjectionSpec,
} from './projection.ts';
import { deviation, mean } from './ranks.ts';

const kinds = ['gaussian', 'rademacher', 'sjlt'] as const;

function randomMatrix(rows: number, columns: number, name: string): Matrix64 {
  const random = new Random(11, name);
  return makeMatrix(
    rows,
    columns,
    Float64Array.from({ length: rows * columns }, () => random.normal()),
  );
}

function specOf(kind: ProjectionSpec['kind'], seed = 1): ProjectionSpec {
  return { kind, inputSize: 700, outputSize: 300, seed, name: 'test' };
}

describe.each(kinds)('%s projection', (kind) => {
  it('gives the same bits however the parameters are cut into chunks', () => {
    const projection = makeProjection(specOf(kind));
    const vectors = randomMatrix(3, 700, 'vectors');
    const whole = project(projection, vectors);
    const chunked = zeros64(3, 300);
    for (let from = 0; from < 700; from += 130) {
      const count = Math.min(130, 700 - from);
      const chunk = zeros64(3, count);
      for (let row = 0; row < 3; row++) {
        chunk.data.set(vectors.data.subarray(row * 700 + from, row * 700 + from + count), row * count);
      }
      projection.accumulate(chunked, chunk, from);
    }
    expect(chunked.data).toEqual(whole.data);
  });

  it('projects a sample alone as in a batch', () => {
    const projection = makeProjection(specOf(kind));
    const vectors = randomMatrix(3, 700, 'vectors');
    const alone = project(projection, makeMatrix(1, 700, vectors.data.slice(700, 1400)));
    expect(alone.data).toEqual(project(projection, vectors).data.slice(300, 600));
  });

  it('differs between seeds', () => {
    const vectors = randomMatrix(1, 700, 'vectors');
    const first = project(makeProjection(specOf(kind, 1)), vectors);
    const second = project(makeProjection(specOf(kind, 2)), vectors);
    expect(first.data).not.toEqual(second.data);
  });
});

describe('METHODS 10: inner products are kept in the mean, with the known variance', () => {
  const p = 120;
  const k = 32;
  const draws = 1500;
  const pair = randomMatrix(2, p, 'pair');
  const u = pair.data.subarray(0, p);
  // Correlated, so that the mean is not near zero.
  const v = u.map((value, index) => 0.6 * value + 0.8 * pair.data[p + index]!);
  const dot = (a: Float64Array, b: Float64Array): number => a.reduce((sum, x, i) => sum + x * b[i]!, 0);
  const squares = dot(
    u.map((x) => x * x),
    v.map((x) => x * x),
  );
  const spread = dot(u, u) * dot(v, v) + dot(u, v) ** 2;
  // ±1 entries have no fourth moment above 1, which takes the same 2·Σu²v² away as one signed bucket does.
  const variances = {
    gaussian: spread / k,
    rademacher: (spread - 2 * squares) / k,
    sjlt: (spread - 2 * squares) / k,
  };

  it.each(kinds)('%s', (kind) => {
    const both = makeMatrix(2, p, Float64Array.from([...u, ...v]));
    const estimates = Array.from({ length: draws }, (_, seed) => {
      const spec: ProjectionSpec = { kind, inputSize: p, outputSize: k, seed, name: 'jl' };
      const { data } = project(makeProjection(spec), both);
      return dot(data.subarray(0, k), data.subarray(k));
    });
    const expected = Math.sqrt(variances[kind]);
    expect(Math.abs(mean(estimates) - dot(u, v))).toBeLessThan((3 * expected) / Math.sqrt(draws));
    expect(Math.abs(deviation(estimates) / expected - 1)).toBeLessThan(0.1);
  });
});

describe('METHODS 9: Kronecker projection', () => {
  it('(left ⊗ right) · vec(G) = vec(left · G · rightᵀ)', async () => {
    const spec = { kind: 'gaussian', seed: 3, outputSize: 4 } as const;
    const left = projectionMatrix({ ...spec, name: 'left', inputSize: 7 });
    const right = projectionMatrix({ ...spec, name: 'right', inputSize: 9 });
    const gradient = randomMatrix(7, 9, 'gradient');
    const product = await projectFactorised(left, right, gradient, plainMatrixEngine);
    for (let a = 0; a < 4; a++) {
      for (let b = 0; b < 4; b++) {
        let sum = 0;
        for (let i = 0; i < 7; i++) {
          for (let j = 0; j < 9; j++) {
            sum += left.data[a * 7 + i]! * right.data[b * 9 + j]! * gradient.data[i * 9 + j]!;
          }
        }
        expect(Math.abs(product.data[a * 4 + b]! - sum)).toBeLessThan(1e-10);
      }
    }
  });

  it('a projection as a matrix projects as the projection does', async () => {
    const spec: ProjectionSpec = { kind: 'sjlt', inputSize: 40, outputSize: 8, seed: 1, name: 'matrix' };
    const vectors = randomMatrix(2, 40, 'vectors');
    const product = await plainMatrixEngine.multiply(vectors, projectionMatrix(spec), { transposeB: true });
    const projected = project(makeProjection(spec), vectors);
    product.data.forEach((value, index) => expect(value).toBeCloseTo(projected.data[index]!, 12));
  });
});
