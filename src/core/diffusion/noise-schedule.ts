/**
 * @file How noise is mixed into images over time (Ho et al. 2020; Nichol & Dhariwal 2021): x_t = γ_t·x_0 + σ_t·ε with γ_t = √ᾱ_t,
 * σ_t = √(1 − ᾱ_t), ᾱ_t = Π_{s ≤ t} (1 − β_s). Steps are counted from 0, as trained networks count them.
 */
import { assert } from '../base/assert.ts';

export const scheduleKinds = ['linear', 'cosine', 'scaled-linear', 'given'] as const;
export type ScheduleKind = (typeof scheduleKinds)[number];

/** What a denoiser predicts: the noise ε, the image x0, or v = γ·ε − σ·x0 (Salimans & Ho 2022). */
export const predictionKinds = ['epsilon', 'v', 'x0'] as const;
export type PredictionKind = (typeof predictionKinds)[number];

/** All that a noise schedule is made from. */
export interface ScheduleDescription {
  readonly kind: ScheduleKind;
  /** T */
  readonly steps: number;
  /** β of the first and of the last step; of 'cosine' they are not read. */
  readonly firstBeta: number;
  readonly lastBeta: number;
  /** β_t, of 'given' alone. */
  readonly betas?: readonly number[] | undefined;
}

export class NoiseSchedule {
  /** T */
  readonly steps: number;
  readonly betas: Float64Array;
  /** ᾱ_t */
  readonly cumulative: Float64Array;

  constructor(betas: Float64Array) {
    assert(betas.length > 1, 'a schedule has two steps or more');
    this.steps = betas.length;
    this.betas = betas;
    this.cumulative = new Float64Array(betas.length);
    let product = 1;
    for (const [step, beta] of betas.entries()) {
      assert(beta > 0 && beta < 1, `β of step ${step} lies between 0 and 1`);
      product *= 1 - beta;
      this.cumulative[step] = product;
    }
  }

  /** γ_t: how much of the image is left. */
  signal(step: number): number {
    return Math.sqrt(this.cumulative[step]!);
  }

  /** σ_t: how much noise there is. */
  noise(step: number): number {
    return Math.sqrt(1 - this.cumulative[step]!);
  }

  /** ᾱ_{t−1}, which is 1 before the first step. */
  cumulativeBefore(step: number): number {
    return step === 0 ? 1 : this.cumulative[step - 1]!;
  }

  /** σ̃²_t = β_t(1 − ᾱ_{t−1})/(1 − ᾱ_t): the variance of the posterior q(x_{t−1} | x_t, x_0). */
  posteriorVariance(step: number): number {
    return (this.betas[step]! * (1 - this.cumulativeBefore(step))) / (1 - this.cumulative[step]!);
  }
}

/** The largest β of a cosine schedule, as published. */
const LARGEST_BETA = 0.999;
const COSINE_OFFSET = 0.008;

export function buildSchedule(description: ScheduleDescription): NoiseSchedule {
  const { kind, steps, firstBeta, lastBeta, betas: given = [] } = description;
  assert(
    kind !== 'given' || given.length === steps,
    `${given.length} betas are given for ${steps} steps; there has to be one for each`,
  );
  const along = (first: number, last: number, step: number): number =>
    first + ((last - first) * step) / (steps - 1);
  const betas = Float64Array.from({ length: steps }, (_, step) => {
    switch (kind) {
      case 'linear':
        return along(firstBeta, lastBeta, step);
      case 'scaled-linear':
        return along(Math.sqrt(firstBeta), Math.sqrt(lastBeta), step) ** 2;
      case 'cosine':
        return Math.min(LARGEST_BETA, 1 - cosineCurve((step + 1) / steps) / cosineCurve(step / steps));
      case 'given':
        return given[step]!;
    }
  });
  return new NoiseSchedule(betas);
}

function cosineCurve(time: number): number {
  return Math.cos((((time + COSINE_OFFSET) / (1 + COSINE_OFFSET)) * Math.PI) / 2) ** 2;
}

/** β of the first and the last of a thousand steps, as published models have them: DDPM; of 'scaled-linear', Stable Diffusion. */
const usualBetas = { linear: [1e-4, 0.02], cosine: [0, 0], 'scaled-linear': [0.00085, 0.012] } as const;

/** The usual schedule of that kind with that many steps: that of a thousand, and the same total noise at other numbers. */
export function usualSchedule(kind: Exclude<ScheduleKind, 'given'>, steps: number): ScheduleDescription {
  const scale = 1000 / steps;
  const [first, last] = usualBetas[kind];
  return { kind, steps, firstBeta: first * scale, lastBeta: Math.min(LARGEST_BETA, last * scale) };
}
