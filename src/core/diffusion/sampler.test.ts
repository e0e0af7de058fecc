import { describe, expect, it } from 'vitest';
import { GaussianMixture } from '../../../testing/gaussian-mixture.ts';
import { tolerances } from '../../../testing/tolerances.ts';
import { Random } from '../base/random.ts';
import { deviation, mean } from '../linalg/ranks.ts';
import { buildSchedule, predictionKinds, usualSchedule, type PredictionKind } from './noise-schedule.ts';
import { predictionTarget } from './prediction.ts';
import {
  sampleStep,
  samplerKinds,
  samplingSteps,
  startingNoise,
  stepNoise,
  type SamplerKind,
} from './sampler.ts';

const schedule = buildSchedule(usualSchedule('linear', 1000));
const [CENTRE, WIDTH] = [0.4, 0.3];

/** Exact of pixels that are each N(CENTRE, WIDTH²): in whatever way it says what it sees. */
function denoise(kind: PredictionKind, step: number, noisy: Float32Array): Float32Array {
  const centre = new Float64Array(noisy.length).fill(CENTRE);
  const world = new GaussianMixture([{ mean: centre, weight: 1 }], WIDTH);
  const noise = world.noise(schedule, step, Float64Array.from(noisy));
  const [signal, spread] = [schedule.signal(step), schedule.noise(step)];
  const image = noise.map((value, index) => (noisy[index]! - spread * value) / signal);
  const said = new Float32Array(noisy.length);
  predictionTarget(kind, schedule, step, image, noise, said);
  return said;
}

interface Options {
  readonly kind: SamplerKind;
  readonly prediction?: PredictionKind;
  readonly count: number;
  readonly clips?: boolean;
}

function generate(
  start: Float32Array,
  index: number,
  { kind, prediction = 'epsilon', count, clips = false }: Options,
): Float32Array {
  const steps = samplingSteps(schedule, count);
  return steps.reduce<Float32Array>((noisy, step, place) => {
    const next = steps[place + 1] ?? -1;
    const said = denoise(prediction, step, noisy);
    const noise = stepNoise(9, index, step);
    return sampleStep({ kind, schedule, prediction, step, next }, noisy, said, noise, clips);
  }, start);
}

describe('samplers with the exact denoiser of a Gaussian', () => {
  it.each(predictionKinds)('(DDIM) carry the noise’s distribution to it, along lines (%s)', (prediction) => {
    const carried = generate(Float32Array.of(0, 1, -2), 0, { kind: 'ddim', prediction, count: 1000 });
    expect(carried[0]).toBeCloseTo(CENTRE, 2);
    expect(carried[1]! - carried[0]!).toBeCloseTo(WIDTH, 2);
    expect(carried[2]! - carried[0]!).toBeCloseTo(-2 * WIDTH, 2);
  });

  it('(DDIM) come near in few steps', () => {
    const carried = generate(Float32Array.of(0, 1), 0, { kind: 'ddim', count: 50 });
    expect(carried[0]).toBeCloseTo(CENTRE, 1);
    expect(carried[1]! - carried[0]!).toBeCloseTo(WIDTH, 1);
  });

  it('(DDPM) draw from it', () => {
    const pixels = generate(startingNoise(9, 0, 1500), 0, { kind: 'ddpm', count: 500 });
    const { standardErrors } = tolerances;
    expect(Math.abs(mean(pixels) - CENTRE)).toBeLessThan((standardErrors * WIDTH) / Math.sqrt(1500));
    expect(Math.abs(deviation(pixels) / WIDTH - 1)).toBeLessThan(standardErrors / Math.sqrt(2 * 1500));
  });

  it.each(samplerKinds)('(%s) give the same image whatever else is made', (kind) => {
    const make = (index: number): Float32Array =>
      generate(startingNoise(9, index, 8), index, { kind, count: 20 });
    const together = [0, 1, 2, 3].map(make);
    expect(make(2)).toEqual(together[2]);
    expect(together[1]).not.toEqual(together[2]);
  });
});

describe('one step', () => {
  const random = new Random(1, 'step');
  const noisy = new Float32Array(6).map(() => random.normal());
  const said = new Float32Array(6).map(() => random.normal());

  it('(DDPM) goes to the posterior’s mean and adds its deviation', () => {
    const at = { kind: 'ddpm', schedule, prediction: 'epsilon', step: 400, next: 399 } as const;
    const [centre, moved] = [0, 1].map((noise) => sampleStep(at, noisy, said, () => noise, false));
    const beta = schedule.betas[400]!;
    centre!.forEach((value, index) => {
      // Ho et al. 2020, eq. 11.
      const expected = noisy[index]! - (beta / schedule.noise(400)) * said[index]!;
      expect(value).toBeCloseTo(expected / Math.sqrt(1 - beta), 5);
      expect(moved![index]! - value).toBeCloseTo(Math.sqrt(schedule.posteriorVariance(400)), 5);
    });
  });

  it('(DDIM) stays on the line of image and noise', () => {
    const at = { kind: 'ddim', schedule, prediction: 'epsilon', step: 700, next: 200 } as const;
    const following = sampleStep(at, noisy, said, () => NaN, false);
    following.forEach((value, index) => {
      const image = (noisy[index]! - schedule.noise(700) * said[index]!) / schedule.signal(700);
      expect(value).toBeCloseTo(schedule.signal(200) * image + schedule.noise(200) * said[index]!, 5);
    });
  });

  it.each(samplerKinds)(
    '(%s) to the image itself adds no noise, and stays within −1 … 1 where it clips',
    (kind) => {
      const at = { kind, schedule, prediction: 'epsilon', step: 0, next: -1 } as const;
      const far = noisy.map((value) => 3 * value);
      const free = sampleStep(at, far, said, () => NaN, false);
      expect(Math.max(...free.map(Math.abs))).toBeGreaterThan(1);
      sampleStep(at, far, said, () => NaN, true).forEach((value, index) => {
        expect(value).toBe(Math.min(1, Math.max(-1, free[index]!)));
      });
    },
  );
});

describe('the steps that a sampler visits', () => {
  it.each([2, 3, 50, 999, 1000, 5000])('fall from the last to the first, each once (%d)', (count) => {
    const steps = [...samplingSteps(schedule, count)];
    expect(steps).toHaveLength(Math.min(count, 1000));
    expect([steps[0], steps.at(-1)]).toEqual([999, 0]);
    steps.slice(1).forEach((step, place) => {
      expect(step).toBeLessThan(steps[place]!);
    });
  });
});
