/** @file A mixture of Gaussians of one width, for which everything that a diffusion model learns is known in closed form (METHODS §2.9). */
import { Random } from '../src/core/base/random.ts';
import type { NoiseSchedule } from '../src/core/diffusion/noise-schedule.ts';

export interface Component {
  readonly mean: Float64Array;
  /** π; those of a mixture need not sum to one. */
  readonly weight: number;
}

export class GaussianMixture {
  readonly components: readonly Component[];
  /** s, of every component in every direction. */
  readonly deviation: number;

  constructor(components: readonly Component[], deviation: number) {
    this.components = components;
    this.deviation = deviation;
  }

  without(component: number): GaussianMixture {
    return new GaussianMixture(
      this.components.filter((_, index) => index !== component),
      this.deviation,
    );
  }

  /** A sample of one component. */
  draw(component: number, random: Random): Float64Array {
    return this.components[component]!.mean.map((centre) => centre + this.deviation * random.normal());
  }

  /** Posterior probabilities of the components for a clean x, or for a noisy one at a step. */
  responsibilities(x: Float64Array, noise?: { schedule: NoiseSchedule; step: number }): Float64Array {
    const signal = noise?.schedule.signal(noise.step) ?? 1;
    const variance = (signal * this.deviation) ** 2 + (noise?.schedule.noise(noise.step) ?? 0) ** 2;
    const logarithms = this.components.map(({ mean, weight }) => {
      let distance = 0;
      for (let index = 0; index < x.length; index++) distance += (x[index]! - signal * mean[index]!) ** 2;
      return Math.log(weight) - distance / (2 * variance);
    });
    const largest = Math.max(...logarithms);
    const odds = Float64Array.from(logarithms, (value) => Math.exp(value - largest));
    const total = odds.reduce((sum, value) => sum + value, 0);
    return odds.map((value) => value / total);
  }

  /** The noise that the best denoiser sees: −σ_t·∇log p_t(x_t). */
  noise(schedule: NoiseSchedule, step: number, noisy: Float64Array): Float64Array {
    const [signal, deviation] = [schedule.signal(step), schedule.noise(step)];
    const variance = (signal * this.deviation) ** 2 + deviation ** 2;
    const shares = this.responsibilities(noisy, { schedule, step });
    const seen = noisy.map((value) => (deviation * value) / variance);
    for (const [component, { mean }] of this.components.entries()) {
      const share = (shares[component]! * signal * deviation) / variance;
      for (let index = 0; index < seen.length; index++) seen[index]! -= share * mean[index]!;
    }
    return seen;
  }
}
