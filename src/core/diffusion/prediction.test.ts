import { describe, expect, it } from 'vitest';
import { Random } from '../base/random.ts';
import { buildSchedule, predictionKinds, usualSchedule } from './noise-schedule.ts';
import { addNoise, noiseCoefficients, predictedNoise, predictionTarget } from './prediction.ts';

const schedule = buildSchedule(usualSchedule('linear', 1000));
const random = new Random(1, 'prediction');
const image = new Float64Array(12).map(() => 2 * random.uniform() - 1);
const noise = new Float64Array(12).map(() => random.normal());

function noisyAt(step: number): Float64Array {
  const noisy = new Float64Array(12);
  addNoise(schedule, step, image, noise, noisy);
  return noisy;
}

describe('what a denoiser predicts', () => {
  it.each(predictionKinds)('(%s) stands for the noise that was added, at any step', (kind) => {
    for (const step of [0, 1, 10, 500, 999]) {
      const target = new Float64Array(12);
      predictionTarget(kind, schedule, step, image, noise, target);
      const found = predictedNoise(kind, schedule, step, noisyAt(step), target);
      // x̂_0 is divided by σ: at the first step that magnifies rounding a hundred times.
      found.forEach((value, index) => {
        expect(value).toBeCloseTo(noise[index]!, 12);
      });
    }
  });

  it('is v = γε − σx_0, orthogonal to the noisy image in the rotation that noise is', () => {
    const target = new Float64Array(12);
    predictionTarget('v', schedule, 300, image, noise, target);
    const [signal, deviation] = [schedule.signal(300), schedule.noise(300)];
    const noisy = noisyAt(300);
    target.forEach((v, index) => {
      expect(signal * noisy[index]! - deviation * v).toBeCloseTo(image[index]!, 14);
      expect(deviation * noisy[index]! + signal * v).toBeCloseTo(noise[index]!, 14);
    });
  });

  it('leaves the noisy image out where it is the noise itself', () => {
    expect(noiseCoefficients('epsilon', schedule, 7)).toEqual({ noisy: 0, prediction: 1 });
  });
});
