import { describe, expect, it } from 'vitest';
import { explicitFeatures } from '../../../testing/explicit-projection.ts';
import { Random } from '../base/random.ts';
import { layOutParameters } from './network.ts';
import { projectionKinds, type Projection } from './projection.ts';

const { parameters, parameterCount } = layOutParameters([
  { name: 'filter', shape: [6, 3, 3, 3] },
  { name: 'filter.bias', shape: [6] },
  { name: 'scale', shape: [1, 6, 1, 1] },
  { name: 'positions', shape: [1, 5, 8] },
  { name: 'head', shape: [4, 10] },
  { name: 'head.bias', shape: [4] },
]);

function draw(name: string): Float64Array {
  const random = new Random(1, name);
  return new Float64Array(parameterCount).map(() => random.normal());
}

function inner(a: Float64Array, b: Float64Array): number {
  return a.reduce((sum, value, index) => sum + value * b[index]!, 0);
}

/** Two gradients that lean the same way, so that a bias of the estimate would show. */
const u = draw('u');
const v = draw('v').map((value, index) => value + u[index]!);
const DRAWS = 600;

interface Estimates {
  readonly mean: number;
  readonly deviation: number;
}
const known = new Map<string, Estimates>();

/** Each kind is drawn once, for all that is said of it. */
function estimates(kind: Projection['kind'], size: number): Estimates {
  const key = `${kind} ${size}`;
  const found = known.get(key) ?? drawEstimates(kind, size);
  known.set(key, found);
  return found;
}

function drawEstimates(kind: Projection['kind'], size: number): Estimates {
  const products = Array.from({ length: DRAWS }, (_, seed) =>
    inner(
      explicitFeatures(parameters, u, { kind, size, seed }),
      explicitFeatures(parameters, v, { kind, size, seed }),
    ),
  );
  const mean = products.reduce((sum, value) => sum + value / DRAWS, 0);
  const variance = products.reduce((sum, value) => sum + (value - mean) ** 2 / (DRAWS - 1), 0);
  return { mean, deviation: Math.sqrt(variance) };
}

describe('projections', () => {
  it.each(projectionKinds.filter((kind) => kind !== 'none'))(
    '(%s) keep inner products in the mean',
    (kind) => {
      const { mean, deviation } = estimates(kind, 40);
      expect(Math.abs(mean - inner(u, v))).toBeLessThan((3 * deviation) / Math.sqrt(DRAWS));
    },
  );

  const squares = inner(
    u.map((value) => value ** 2),
    v.map((value) => value ** 2),
  );
  const whole = inner(u, u) * inner(v, v) + inner(u, v) ** 2;
  // METHODS §1.2; ±1 entries have no fourth moment beyond one, which takes away what coincides.
  const variances = { gaussian: whole, rademacher: whole - 2 * squares, sjlt: whole - 2 * squares } as const;

  it.each(['gaussian', 'rademacher', 'sjlt'] as const)('(%s) scatter as theory says', (kind) => {
    const expected = Math.sqrt(variances[kind] / 40);
    expect(Math.abs(estimates(kind, 40).deviation / expected - 1)).toBeLessThan(0.1);
  });
});
