/**
 * @file The evidence lower bound of a diffusion model, up to terms without parameters (METHODS §2.6): −Σ_t KL_t, KL_t being that between the
 * two Gaussians q(x_{t−1} | x_t, x_0) and p_θ(x_{t−1} | x_t) of the same variance.
 */
import { assert } from '../base/assert.ts';
import type { NoiseSchedule } from './noise-schedule.ts';

/** KL_t = weight · ‖ε − ε̂‖², with weight β_t / (2·α_t·(1 − ᾱ_{t−1})); nats. The first step has no such term. */
export function divergenceWeight(schedule: NoiseSchedule, step: number): number {
  assert(step >= 1, 'the first step has a decoder term in place of a divergence');
  const beta = schedule.betas[step]!;
  return beta / (2 * (1 - beta) * (1 - schedule.cumulativeBefore(step)));
}

/** KL_t of one sample, summed in float64. */
export function divergence(
  schedule: NoiseSchedule,
  step: number,
  noise: ArrayLike<number>,
  predicted: ArrayLike<number>,
): number {
  let sum = 0;
  for (let index = 0; index < noise.length; index++) sum += (noise[index]! - predicted[index]!) ** 2;
  return divergenceWeight(schedule, step) * sum;
}

/**
 * `count` steps in 1 … T−1, in rising order, each once. 'uniform' spreads them evenly; 'logarithmic' evenly over the logarithm of the step, with more of
 * them where little noise is; 'early' takes the first ones.
 */
export function chooseSteps(
  schedule: NoiseSchedule,
  count: number,
  strategy: 'uniform' | 'logarithmic' | 'early',
): Int32Array {
  const last = schedule.steps - 1;
  const used = Math.min(count, last);
  if (strategy === 'early') return Int32Array.from({ length: used }, (_, index) => index + 1);
  const place = (index: number): number => {
    const share = (index + 0.5) / used;
    return strategy === 'uniform' ? 1 + Math.floor(share * last) : Math.round(last ** share);
  };
  const chosen = new Set<number>();
  for (let index = 0; index < used; index++) {
    let step = Math.min(last, Math.max(1, place(index)));
    while (chosen.has(step)) step = step === last ? 1 : step + 1;
    chosen.add(step);
  }
  return Int32Array.from(chosen).sort();
}

/** How many of the steps 1 … T−1 each chosen one stands for: half way to its neighbours, so that together they stand for all. Rising steps. */
export function stepShares(schedule: NoiseSchedule, steps: Int32Array): Float64Array {
  const last = schedule.steps - 1;
  return Float64Array.from(steps, (step, index) => {
    const from = index === 0 ? 0.5 : (steps[index - 1]! + step) / 2;
    const to = index === steps.length - 1 ? last + 0.5 : (step + steps[index + 1]!) / 2;
    return to - from;
  });
}

/**
 * What the evidence bound loses between two models, from squared errors ‖ε − ε̂‖² under the same noise at the same steps, [steps]: the sum over all steps of
 * KL_t without minus KL_t with, estimated from those that were measured; nats. Positive: the model without predicts worse.
 */
export function lostEvidence(
  schedule: NoiseSchedule,
  steps: Int32Array,
  withErrors: ArrayLike<number>,
  withoutErrors: ArrayLike<number>,
): number {
  const shares = stepShares(schedule, steps);
  let lost = 0;
  for (const [index, step] of steps.entries())
    lost += shares[index]! * divergenceWeight(schedule, step) * (withoutErrors[index]! - withErrors[index]!);
  return lost;
}
