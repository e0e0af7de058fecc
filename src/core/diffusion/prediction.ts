/** @file From what a denoiser predicts to the noise and the image that it stands for, and back; numbers of one sample in a row. */
import type { NoiseSchedule, PredictionKind } from './noise-schedule.ts';

type Numbers = Float32Array | Float64Array;

/** x_t = γ_t·x_0 + σ_t·ε into `noisy`. */
export function addNoise(
  schedule: NoiseSchedule,
  step: number,
  image: Numbers,
  noise: Numbers,
  noisy: Numbers,
): void {
  const [signal, deviation] = [schedule.signal(step), schedule.noise(step)];
  for (let index = 0; index < image.length; index++)
    noisy[index] = signal * image[index]! + deviation * noise[index]!;
}

/** What a denoiser of this kind should say of the image under this noise, into `target`. */
export function predictionTarget(
  kind: PredictionKind,
  schedule: NoiseSchedule,
  step: number,
  image: Numbers,
  noise: Numbers,
  target: Numbers,
): void {
  const [signal, deviation] = [schedule.signal(step), schedule.noise(step)];
  for (let index = 0; index < image.length; index++) {
    if (kind === 'epsilon') target[index] = noise[index]!;
    else if (kind === 'x0') target[index] = image[index]!;
    else target[index] = signal * noise[index]! - deviation * image[index]!;
  }
}

/** ε̂ = a·x_t + b·prediction. */
export function noiseCoefficients(
  kind: PredictionKind,
  schedule: NoiseSchedule,
  step: number,
): { readonly noisy: number; readonly prediction: number } {
  const [signal, deviation] = [schedule.signal(step), schedule.noise(step)];
  if (kind === 'epsilon') return { noisy: 0, prediction: 1 };
  if (kind === 'v') return { noisy: deviation, prediction: signal };
  return { noisy: 1 / deviation, prediction: -signal / deviation };
}

/** The noise that a prediction stands for. */
export function predictedNoise(
  kind: PredictionKind,
  schedule: NoiseSchedule,
  step: number,
  noisy: Numbers,
  prediction: Numbers,
): Float64Array {
  const { noisy: ofNoisy, prediction: ofPrediction } = noiseCoefficients(kind, schedule, step);
  return Float64Array.from(prediction, (value, index) => ofNoisy * noisy[index]! + ofPrediction * value);
}
