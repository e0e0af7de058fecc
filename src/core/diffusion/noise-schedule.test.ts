import { describe, expect, it } from 'vitest';
import { tolerances } from '../../../testing/tolerances.ts';
import { buildSchedule, NoiseSchedule, usualSchedule } from './noise-schedule.ts';

const usual = {
  linear: buildSchedule(usualSchedule('linear', 1000)),
  cosine: buildSchedule(usualSchedule('cosine', 1000)),
  'scaled-linear': buildSchedule(usualSchedule('scaled-linear', 1000)),
};
const kinds = Object.keys(usual) as (keyof typeof usual)[];

function relative(found: number, expected: number): number {
  return Math.abs(found / expected - 1);
}

/** σ_t / γ_t, as samplers over noise levels call a step. */
function noiseLevel(schedule: NoiseSchedule, step: number): number {
  return schedule.noise(step) / schedule.signal(step);
}

describe('noise schedules', () => {
  it('start and end at the noise levels of published models', () => {
    // DDPM's linear schedule, and the scaled-linear one of latent diffusion.
    expect(noiseLevel(usual.linear, 999)).toBeCloseTo(157.407, 2);
    expect(noiseLevel(usual.linear, 0)).toBeCloseTo(0.01, 5);
    expect(noiseLevel(usual['scaled-linear'], 999)).toBeCloseTo(14.6146, 3);
    expect(noiseLevel(usual['scaled-linear'], 0)).toBeCloseTo(0.0292, 4);
  });

  it('(linear) have the cumulative product of straight βs', () => {
    let logarithm = 0;
    for (let step = 0; step < 1000; step++) {
      logarithm += Math.log1p(-(1e-4 + (0.0199 * step) / 999));
      expect(relative(usual.linear.cumulative[step]!, Math.exp(logarithm))).toBeLessThan(
        tolerances.float64Reordered,
      );
    }
  });

  it('(cosine) keep the signal that the curve says until β is cut', () => {
    const curve = (time: number): number => Math.cos((((time + 0.008) / 1.008) * Math.PI) / 2) ** 2;
    for (let step = 0; step < 990; step++)
      expect(relative(usual.cosine.cumulative[step]!, curve((step + 1) / 1000) / curve(0))).toBeLessThan(
        tolerances.float64ThroughNetwork,
      );
    expect(usual.cosine.betas[999]).toBe(0.999);
  });

  it('(scaled-linear) have straight roots of β', () => {
    const roots = usual['scaled-linear'].betas.map(Math.sqrt);
    expect(roots[0]).toBeCloseTo(Math.sqrt(0.00085), 15);
    expect(roots[999]).toBeCloseTo(Math.sqrt(0.012), 15);
    expect(roots[500]! - roots[499]!).toBeCloseTo(roots[2]! - roots[1]!, 15);
  });

  it.each(kinds)('(%s) lose signal at every step, with γ² + σ² = 1', (kind) => {
    const schedule = usual[kind];
    for (let step = 0; step < 1000; step++) {
      expect(schedule.cumulative[step]!).toBeLessThan(schedule.cumulativeBefore(step));
      expect(schedule.signal(step) ** 2 + schedule.noise(step) ** 2).toBeCloseTo(1, 14);
      if (step > 0) expect(noiseLevel(schedule, step)).toBeGreaterThan(noiseLevel(schedule, step - 1));
    }
    expect(schedule.cumulativeBefore(0)).toBe(1);
  });

  it.each(kinds)('(%s) have the posterior variance that Bayes’ rule gives', (kind) => {
    const schedule = usual[kind];
    expect(schedule.posteriorVariance(0)).toBe(0);
    for (let step = 1; step < 1000; step++) {
      const beta = schedule.betas[step]!;
      // Precisions add: of x_{t−1} given x_0, and of x_t given x_{t−1}.
      const precision = 1 / (1 - schedule.cumulative[step - 1]!) + (1 - beta) / beta;
      expect(relative(schedule.posteriorVariance(step), 1 / precision)).toBeLessThan(
        tolerances.float64ThroughNetwork,
      );
    }
  });

  // Stable Diffusion's leaves more than others.
  it.each([
    ['linear', 0.01],
    ['scaled-linear', 0.07],
    ['cosine', 0.01],
  ] as const)('(%s) end with nearly no signal whatever the number of steps', (kind, rest) => {
    for (const steps of [50, 200, 1000, 4000])
      expect(buildSchedule(usualSchedule(kind, steps)).signal(steps - 1)).toBeLessThan(rest);
  });

  it('(given) are taken as they are, and βs outside 0 … 1 are refused', () => {
    const given = { kind: 'given', steps: 2, firstBeta: 0, lastBeta: 0 } as const;
    expect([...buildSchedule({ ...given, betas: [0.5, 0.25] }).cumulative]).toEqual([0.5, 0.375]);
    expect(() => buildSchedule({ ...given, betas: [0.5, 1] })).toThrow(/β of step 1/);
    expect(() => buildSchedule({ ...given, betas: [0.5] })).toThrow(/1 betas are given for 2 steps/);
    expect(() => buildSchedule({ ...given, betas: [0.5, 0.2, 0.1] })).toThrow(/3 betas/);
    expect(() => buildSchedule(given)).toThrow(/0 betas/);
    expect(() => new NoiseSchedule(Float64Array.of(0.1))).toThrow(/two steps/);
  });
});
