import { describe, expect, it } from 'vitest';
import { GaussianMixture } from '../../../testing/gaussian-mixture.ts';
import { judgeGroups } from '../attribution/group/group-metrics.ts';
import { Random } from '../base/random.ts';
import { makeMatrix, zeros64 } from '../linalg/matrix.ts';
import { deviation, pearson } from '../linalg/ranks.ts';
import { chooseSteps, divergence } from './evidence-bound.ts';
import { buildSchedule, usualSchedule } from './noise-schedule.ts';
import { addNoise } from './prediction.ts';

const [DIMENSIONS, GROUPS, QUERIES] = [4, 5, 64];
const schedule = buildSchedule(usualSchedule('linear', 1000));
const random = new Random(5, 'mixture');
const mixture = new GaussianMixture(
  Array.from({ length: GROUPS }, (_, group) => ({
    mean: new Float64Array(DIMENSIONS).map(() => random.normal()),
    weight: (group + 3) / 25,
  })),
  0.35,
);
const without = Array.from({ length: GROUPS }, (_, group) => mixture.without(group));
const queries = Array.from({ length: QUERIES }, (_, query) => mixture.draw(query % GROUPS, random));

function drawNoise(name: string): Float64Array {
  const stream = new Random(6, name);
  return new Float64Array(DIMENSIONS).map(() => stream.normal());
}

/** KL_t of an exact model under one draw of noise. */
function divergenceOf(model: GaussianMixture, query: number, step: number, noise: Float64Array): number {
  const noisy = new Float64Array(DIMENSIONS);
  addNoise(schedule, step, queries[query]!, noise, noisy);
  return divergence(schedule, step, noise, model.noise(schedule, step, noisy));
}

/** [GROUPS]: by how much the bound falls without each group, with the same noise for all models. */
function boundDifferences(query: number, steps: Int32Array, draws: number): Float64Array {
  const differences = new Float64Array(GROUPS);
  for (const step of steps) {
    for (let draw = 0; draw < draws; draw++) {
      const noise = drawNoise(`${query}/${step}/${draw}`);
      const full = divergenceOf(mixture, query, step, noise);
      for (let group = 0; group < GROUPS; group++)
        differences[group]! += (divergenceOf(without[group]!, query, step, noise) - full) / draws;
    }
  }
  return differences;
}

describe('METHODS 16: exact denoisers of a Gaussian mixture with and without each group', () => {
  const exact = zeros64(QUERIES, GROUPS);
  for (const [query, x] of queries.entries()) {
    const shares = mixture.responsibilities(x);
    for (let group = 0; group < GROUPS; group++) {
      const others = shares.reduce((sum, share, other) => (other === group ? sum : sum + share), 0);
      exact.data[query * GROUPS + group] = Math.log(1 - mixture.components[group]!.weight) - Math.log(others);
    }
  }

  const scoresOf = (count: number, draws: number) => {
    const steps = chooseSteps(schedule, count, 'uniform');
    const rows = queries.flatMap((_, query) => [...boundDifferences(query, steps, draws)]);
    return makeMatrix(QUERIES, GROUPS, Float64Array.from(rows));
  };

  it('lose the bound that log(1 − π) − log(1 − r) says', () => {
    const found = scoresOf(999, 2);
    expect(pearson(found.data, exact.data)).toBeGreaterThan(0.999);
    expect(judgeGroups(exact, found).means.topOne).toBe(1);
    const { scale, offset } = judgeGroups(exact, found).calibration;
    expect(scale).toBeCloseTo(1, 1);
    expect(Math.abs(offset)).toBeLessThan(0.1);
  });

  it('find the query’s group from a tenth of the steps and one draw each', () => {
    expect(judgeGroups(exact, scoresOf(100, 1)).means.topOne).toBeGreaterThan(0.9);
  });

  it.each([
    { whose: 'its own', group: 0, factor: 1.5 },
    { whose: 'another', group: 1, factor: 20 },
  ])('spread less without $whose group where both models see the same noise', ({ group, factor }) => {
    const steps = chooseSteps(schedule, 100, 'uniform');
    const spread = (shared: boolean): number =>
      deviation(
        Array.from({ length: 40 }, (_, seed) => {
          let difference = 0;
          for (const step of steps) {
            const noise = drawNoise(`${seed}/${step}`);
            const own = shared ? noise : drawNoise(`${seed}/${step}/own`);
            difference += divergenceOf(without[group]!, 0, step, own) - divergenceOf(mixture, 0, step, noise);
          }
          return difference;
        }),
      );
    expect(spread(false) / spread(true)).toBeGreaterThan(factor);
  });
});
