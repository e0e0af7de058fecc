/**
 * @file The target of unlearning a group (GUDA-U, after ReTrack; METHODS §2.2): the noise that the best denoiser of the retained images would see in a noisy
 * forgotten one, ε̄ = Σ_r w_r·(x_t − γ_t·x_r)/σ_t with w = softmax(−‖x_t − γ_t·x_r‖²/(2σ_t²)) over its nearest retained neighbours r.
 */
import type { NoiseSchedule } from './noise-schedule.ts';

/** w over the neighbours, which sums to one in any dimension: the largest exponent is taken out first. */
export function retainedWeights(
  schedule: NoiseSchedule,
  step: number,
  noisy: ArrayLike<number>,
  neighbours: readonly ArrayLike<number>[],
): Float64Array {
  const [signal, deviation] = [schedule.signal(step), schedule.noise(step)];
  const exponents = Float64Array.from(neighbours, (image) => {
    let distance = 0;
    for (let index = 0; index < noisy.length; index++)
      distance += (noisy[index]! - signal * image[index]!) ** 2;
    return -distance / (2 * deviation ** 2);
  });
  const largest = exponents.reduce((most, value) => Math.max(most, value), -Infinity);
  const weights = exponents.map((value) => Math.exp(value - largest));
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  return weights.map((weight) => weight / total);
}

/** ε̄ of one noisy image, [d]. */
export function retainedNoise(
  schedule: NoiseSchedule,
  step: number,
  noisy: ArrayLike<number>,
  neighbours: readonly ArrayLike<number>[],
): Float64Array {
  const weights = retainedWeights(schedule, step, noisy, neighbours);
  const [signal, deviation] = [schedule.signal(step), schedule.noise(step)];
  const target = Float64Array.from({ length: noisy.length }, (_, index) => noisy[index]! / deviation);
  for (const [place, image] of neighbours.entries()) {
    const share = (weights[place]! * signal) / deviation;
    for (let index = 0; index < target.length; index++) target[index]! -= share * image[index]!;
  }
  return target;
}
