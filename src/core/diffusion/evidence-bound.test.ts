import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { tolerances } from '../../../testing/tolerances.ts';
import { Random } from '../base/random.ts';
import { chooseSteps, divergence, divergenceWeight } from './evidence-bound.ts';
import { buildSchedule, usualSchedule, type NoiseSchedule } from './noise-schedule.ts';
import { addNoise } from './prediction.ts';

const schedules = {
  linear: buildSchedule(usualSchedule('linear', 1000)),
  cosine: buildSchedule(usualSchedule('cosine', 1000)),
};

function normals(count: number, name: string): Float64Array {
  const random = new Random(2, name);
  return new Float64Array(count).map(() => random.normal());
}

/** Of q(x_{t−1} | x_t, x_0) (Ho et al. 2020, eq. 7). */
function posteriorMean(
  schedule: NoiseSchedule,
  step: number,
  image: Float64Array,
  noisy: Float64Array,
): Float64Array {
  const [beta, before] = [schedule.betas[step]!, schedule.cumulativeBefore(step)];
  const total = 1 - schedule.cumulative[step]!;
  const ofImage = (Math.sqrt(before) * beta) / total;
  const ofNoisy = (Math.sqrt(1 - beta) * (1 - before)) / total;
  return image.map((value, index) => ofImage * value + ofNoisy * noisy[index]!);
}

describe('METHODS 14: KL_t = β / (2α(1 − ᾱ_{t−1})) · ‖ε − ε̂‖²', () => {
  it.each(['linear', 'cosine'] as const)('is that of the two Gaussians by their means (%s)', (kind) => {
    const schedule = schedules[kind];
    const [image, noise, predicted] = [normals(8, 'image'), normals(8, 'noise'), normals(8, 'predicted')];
    for (const step of [1, 2, 10, 100, 500, 900]) {
      const noisy = new Float64Array(8);
      addNoise(schedule, step, image, noise, noisy);
      const [signal, deviation] = [schedule.signal(step), schedule.noise(step)];
      const denoised = noisy.map((value, index) => (value - deviation * predicted[index]!) / signal);
      const right = posteriorMean(schedule, step, image, noisy);
      const distance = posteriorMean(schedule, step, denoised, noisy).reduce(
        (sum, value, index) => sum + (value - right[index]!) ** 2,
        0,
      );
      const expected = distance / (2 * schedule.posteriorVariance(step));
      const found = divergence(schedule, step, noise, predicted);
      expect(Math.abs(found / expected - 1), `step ${step}`).toBeLessThan(tolerances.float64ThroughNetwork);
    }
  });

  it('is not defined of the first step', () => {
    expect(() => divergenceWeight(schedules.linear, 0)).toThrow(/decoder/);
  });
});

it('METHODS 15: the bounds of two models that say the same differ by nothing, bitwise', () => {
  const [noise, predicted] = [normals(3072, 'noise'), Float32Array.from(normals(3072, 'predicted'))];
  for (const step of chooseSteps(schedules.linear, 50, 'uniform')) {
    const [full, unlearned] = [predicted, predicted.slice()].map((said) =>
      divergence(schedules.linear, step, noise, said),
    );
    expect(unlearned! - full!).toBe(0);
  }
});

describe('steps of the bound', () => {
  const strategies = ['uniform', 'logarithmic', 'early'] as const;

  it.each(strategies)('(%s) are rising, each once, without the first', (strategy) => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 400 }), fc.integer({ min: 0, max: 450 }), (length, count) => {
        const schedule = buildSchedule({
          kind: 'linear',
          steps: length,
          firstBeta: 0.01,
          lastBeta: 0.02,
        });
        const steps = [...chooseSteps(schedule, count, strategy)];
        expect(steps).toHaveLength(Math.min(count, length - 1));
        expect(steps).toEqual([...new Set(steps)].sort((a, b) => a - b));
        expect(steps.every((step) => step >= 1 && step < length)).toBe(true);
      }),
    );
  });

  it('are all of them where as many are asked for', () => {
    for (const strategy of strategies)
      expect([...chooseSteps(schedules.linear, 999, strategy)]).toEqual(
        Array.from({ length: 999 }, (_, index) => index + 1),
      );
  });

  it('lie where their strategy says', () => {
    const [uniform, logarithmic, early] = strategies.map((strategy) => [
      ...chooseSteps(schedules.linear, 9, strategy),
    ]);
    expect(uniform).toEqual([56, 167, 278, 389, 500, 611, 722, 833, 944]);
    expect(early).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
    // Half of them below the root of 999.
    expect(logarithmic!.filter((step) => step < 31)).toHaveLength(4);
    expect(logarithmic!.at(-1)).toBeGreaterThan(600);
  });
});
