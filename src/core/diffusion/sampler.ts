/** @file One step back in time of a sampler: ancestral DDPM (Ho et al. 2020, algorithm 2) or deterministic DDIM (Song et al. 2021, eq. 12). */
import { Random } from '../base/random.ts';
import type { NoiseSchedule, PredictionKind } from './noise-schedule.ts';
import { predictedNoise } from './prediction.ts';

export const samplerKinds = ['ddim', 'ddpm'] as const;
export type SamplerKind = (typeof samplerKinds)[number];

/** The steps that a sampler visits, falling, the last one 0: all, or `count` of them evenly spaced. */
export function samplingSteps(schedule: NoiseSchedule, count: number): Int32Array {
  const used = Math.max(2, Math.min(count, schedule.steps));
  const last = schedule.steps - 1;
  return Int32Array.from({ length: used }, (_, index) =>
    Math.round((last * (used - 1 - index)) / (used - 1)),
  );
}

export interface SamplerStep {
  readonly kind: SamplerKind;
  readonly schedule: NoiseSchedule;
  readonly prediction: PredictionKind;
  readonly step: number;
  /** The step that follows; −1: the image itself. */
  readonly next: number;
}

/** x at `next` from x at `step`, one image. `noise` is read by DDPM alone, and not on the way to the image itself. x̂_0 is kept within −1 … 1 where `clips`. */
export function sampleStep(
  { kind, schedule, prediction, step, next }: SamplerStep,
  noisy: Float32Array,
  predicted: Float32Array,
  noise: () => number,
  clips: boolean,
): Float32Array {
  const alphaNow = schedule.cumulative[step]!;
  const alphaNext = next < 0 ? 1 : schedule.cumulative[next]!;
  const [signal, deviation] = [Math.sqrt(alphaNow), Math.sqrt(1 - alphaNow)];
  const epsilon = predictedNoise(prediction, schedule, step, noisy, predicted);
  const following = new Float32Array(noisy.length);
  // Of both: x̂_0 and the noise direction that agree with each other after clipping.
  const variance = kind === 'ddim' || next < 0 ? 0 : ancestralVariance(alphaNow, alphaNext);
  const direction = Math.sqrt(Math.max(0, 1 - alphaNext - variance));
  const spread = Math.sqrt(variance);
  for (let index = 0; index < noisy.length; index++) {
    const free = (noisy[index]! - deviation * epsilon[index]!) / signal;
    const image = clips ? Math.min(1, Math.max(-1, free)) : free;
    const towards = clips ? (noisy[index]! - signal * image) / deviation : epsilon[index]!;
    following[index] =
      Math.sqrt(alphaNext) * image + direction * towards + (spread === 0 ? 0 : spread * noise());
  }
  return following;
}

/** β̃ between two visited steps: (1 − ᾱ_next)/(1 − ᾱ_now) · (1 − ᾱ_now/ᾱ_next). */
function ancestralVariance(alphaNow: number, alphaNext: number): number {
  return ((1 - alphaNext) / (1 - alphaNow)) * (1 - alphaNow / alphaNext);
}

/** The noise that generated image number `index` of a seed starts from; it does not depend on how many are made. */
export function startingNoise(seed: number, index: number, length: number): Float32Array {
  const random = new Random(seed, `generated/${index}/start`);
  return new Float32Array(length).map(() => random.normal());
}

/** The noise that DDPM adds at a step of a generated image. */
export function stepNoise(seed: number, index: number, step: number): () => number {
  const random = new Random(seed, `generated/${index}/step ${step}`);
  return () => random.normal();
}
