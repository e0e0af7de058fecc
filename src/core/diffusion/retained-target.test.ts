import { describe, expect, it } from 'vitest';
import { differenceStep, tolerances } from '../../../testing/tolerances.ts';
import { Random } from '../base/random.ts';
import { buildSchedule, usualSchedule } from './noise-schedule.ts';
import { addNoise } from './prediction.ts';
import { retainedNoise, retainedWeights } from './retained-target.ts';

const schedule = buildSchedule(usualSchedule('linear', 1000));

function drawImages(count: number, size: number): Float64Array[] {
  return Array.from({ length: count }, (_, image) => {
    const random = new Random(4, `image ${image}`);
    return new Float64Array(size).map(() => 2 * random.uniform() - 1);
  });
}

function noisyOf(image: Float64Array, step: number): Float64Array {
  const random = new Random(4, `noise ${step}`);
  const noise = image.map(() => random.normal());
  const noisy = new Float64Array(image.length);
  addNoise(schedule, step, image, noise, noisy);
  return noisy;
}

function squaredDistance(a: Float64Array, b: Float64Array): number {
  return a.reduce((sum, value, index) => sum + (value - b[index]!) ** 2, 0);
}

describe('METHODS 17: the target with all retained images as neighbours', () => {
  const [forgotten, ...retained] = drawImages(9, 6);

  /** log Σ_r N(x; γx_r, σ²I) up to a constant. */
  const logDensity = (step: number, x: Float64Array): number => {
    const [signal, deviation] = [schedule.signal(step), schedule.noise(step)];
    const exponents = retained.map(
      (image) =>
        -squaredDistance(
          x,
          image.map((value) => signal * value),
        ) /
        (2 * deviation ** 2),
    );
    const largest = Math.max(...exponents);
    return largest + Math.log(exponents.reduce((sum, value) => sum + Math.exp(value - largest), 0));
  };

  it.each([200, 500, 900])('is −σ∇log p of the retained images at step %d', (step) => {
    const noisy = noisyOf(forgotten!, step);
    const found = retainedNoise(schedule, step, noisy, retained);
    const scale = Math.max(...found.map(Math.abs));
    found.forEach((value, index) => {
      const moved = (by: number): number =>
        logDensity(
          step,
          noisy.map((x, at) => (at === index ? x + by : x)),
        );
      const slope = (moved(differenceStep) - moved(-differenceStep)) / (2 * differenceStep);
      const error = Math.abs(value + schedule.noise(step) * slope);
      expect(error / scale).toBeLessThan(tolerances.centralDifference);
    });
  });

  it('is the noise itself where the image is its own only neighbour', () => {
    const random = new Random(4, 'noise 300');
    const noise = forgotten!.map(() => random.normal());
    retainedNoise(schedule, 300, noisyOf(forgotten!, 300), [forgotten!]).forEach((value, index) => {
      expect(value).toBeCloseTo(noise[index]!, 13);
    });
  });
});

describe('METHODS 18: weights of neighbours of 3 × 32 × 32 images', () => {
  const [forgotten, ...neighbours] = drawImages(6, 3072);

  it('sum to one at every step, where such without the largest exponent taken out are all zero', () => {
    for (let step = 0; step < 1000; step += 9) {
      const noisy = noisyOf(forgotten!, step);
      const weights = retainedWeights(schedule, step, noisy, neighbours);
      expect(Math.abs(weights.reduce((sum, weight) => sum + weight, 0) - 1)).toBeLessThan(
        tolerances.float64Reordered,
      );
      const [signal, deviation] = [schedule.signal(step), schedule.noise(step)];
      const naive = neighbours.map((image) => {
        const distance = squaredDistance(
          noisy,
          image.map((value) => signal * value),
        );
        return Math.exp(-distance / (2 * deviation ** 2));
      });
      expect(naive.every((weight) => weight === 0)).toBe(true);
    }
  });

  it('prefer the nearer of two', () => {
    const nearer = forgotten!.map((value, index) => 0.99 * value + 0.01 * neighbours[0]![index]!);
    const [ofNear, ofFar] = retainedWeights(schedule, 500, noisyOf(forgotten!, 500), [
      nearer,
      neighbours[0]!,
    ]);
    expect(ofNear).toBeGreaterThan(0.99);
    expect(ofFar).toBeLessThan(0.01);
  });
});

it('METHODS 19: regression on each neighbour’s noise by its weight differs from that on the target by a constant', () => {
  const [forgotten, ...retained] = drawImages(6, 10);
  const step = 700;
  const noisy = noisyOf(forgotten!, step);
  const weights = retainedWeights(schedule, step, noisy, retained);
  const target = retainedNoise(schedule, step, noisy, retained);
  const [signal, deviation] = [schedule.signal(step), schedule.noise(step)];
  const seen = retained.map((image) =>
    noisy.map((value, index) => (value - signal * image[index]!) / deviation),
  );
  const differences = drawImages(5, 10).map((prediction) => {
    const weighted = seen.reduce(
      (sum, noise, place) => sum + weights[place]! * squaredDistance(prediction, noise),
      0,
    );
    return weighted - squaredDistance(prediction, target);
  });
  expect(differences[0]).toBeGreaterThan(0.01);
  for (const difference of differences)
    expect(Math.abs(difference - differences[0]!)).toBeLessThan(tolerances.float64Reordered);
});
