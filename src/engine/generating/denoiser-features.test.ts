import { describe, expect, it } from 'vitest';
import { makeDenoiser, makeLinearDenoiser } from '../../../testing/denoisers.ts';
import { drawParameters } from '../../../testing/networks.ts';
import { Random } from '../../core/base/random.ts';
import { diffusionOutputs } from '../../core/diffusion/output-functions.ts';
import { buildSchedule, usualSchedule, type PredictionKind } from '../../core/diffusion/noise-schedule.ts';
import { noiseCoefficients } from '../../core/diffusion/prediction.ts';
import type { Network } from '../../core/nn/network.ts';
import { createOrtExecutor } from '../runtime/ort-executor.ts';
import type { FeatureRows } from '../artifacts/feature-store.ts';
import { DenoiserFeatures, type DenoiserQuantity } from './denoiser-features.ts';
import type { ViewedImage } from './views.ts';

const executor = createOrtExecutor({ threads: 1 });
const schedule = buildSchedule(usualSchedule('cosine', 100));
const network = makeDenoiser();
const parameters = drawParameters(network);

const image = (name: string, length = 64): Float32Array => {
  const random = new Random(3, name);
  return Float32Array.from({ length }, () => 2 * random.uniform() - 1);
};
const viewed = (key: string, steps: readonly number[], length?: number): ViewedImage => ({
  key,
  classIndex: -1,
  views: steps.map((step) => ({ image: image(key, length), step })),
});

const quantity: DenoiserQuantity = {
  outputFunction: 'loss',
  projection: { kind: 'fold', size: 64, seed: 4 },
  seed: 2,
};

/** Of the small U-Net, or of another network. */
async function featuresOf(
  images: readonly ViewedImage[],
  choices: Partial<DenoiserQuantity> = {},
  member: { network: Network; parameters: Float32Array; prediction?: PredictionKind } = {
    network,
    parameters,
  },
): Promise<FeatureRows> {
  const { prediction = 'epsilon', ...weights } = member;
  const denoiser = { network: member.network, schedule, prediction, classCount: 0 };
  const features = new DenoiserFeatures(executor, { denoiser, ...weights }, { ...quantity, ...choices });
  const rows = await features.compute(images);
  await features.dispose();
  return rows;
}

const rowOf = ({ features }: FeatureRows, row: number, count: number): Float32Array =>
  features.slice((row * features.length) / count, ((row + 1) * features.length) / count);

/** How far two vectors are apart, beside the length of the second. */
function distance(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let [apart, length] = [0, 0];
  for (let index = 0; index < b.length; index++) {
    apart += (a[index]! - b[index]!) ** 2;
    length += b[index]! ** 2;
  }
  return Math.sqrt(apart / length);
}

describe('features of an image', () => {
  it('do not depend on what stands beside it, nor on where it stands', async () => {
    const images = [viewed('a', [5, 60]), viewed('b', [5, 60]), viewed('c', [5, 60])];
    const [together, turned] = [await featuresOf(images), await featuresOf(images.toReversed())];
    const alone = await featuresOf(images.slice(2));
    expect(distance(rowOf(turned, 0, 3), alone.features)).toBeLessThan(1e-5);
    expect(distance(rowOf(together, 2, 3), alone.features)).toBeLessThan(1e-5);
    expect(together.side['losses']![2]).toBeCloseTo(alone.side['losses']![0]!, 5);
    expect(distance(rowOf(together, 1, 3), alone.features)).toBeGreaterThan(0.1);
  });

  it('are those of its content: the same under the same key in equal bits, others under other noise', async () => {
    const images = [viewed('a', [5, 60]), viewed('b', [5, 60]), viewed('a', [5, 60])];
    const rows = await featuresOf(images);
    expect(rowOf(rows, 2, 3)).toEqual(rowOf(rows, 0, 3));
    const other = await featuresOf(images, { seed: 3 });
    expect(distance(rowOf(other, 0, 3), rowOf(rows, 0, 3))).toBeGreaterThan(0.1);
  });

  it('over several steps are the mean of those at each', async () => {
    const one = async (...steps: number[]): Promise<Float32Array> =>
      (await featuresOf([viewed('a', steps)])).features;
    const [first, other] = [await one(5), await one(30)];
    const [both, otherBoth] = [await one(5, 60), await one(30, 60)];
    // What the second step adds, whatever the first is.
    const second = both.map((value, index) => 2 * value - first[index]!);
    const again = otherBoth.map((value, index) => 2 * value - other[index]!);
    expect(distance(second, again)).toBeLessThan(1e-4);
    expect(distance(first, other)).toBeGreaterThan(0.1);
  });

  it.each(diffusionOutputs)('of the output function %s are numbers of their own', async (outputFunction) => {
    const { features, side } = await featuresOf([viewed('a', [5, 60])], { outputFunction });
    expect(features).toHaveLength(64);
    expect(features.every(Number.isFinite)).toBe(true);
    expect(features.some((value) => value !== 0)).toBe(true);
    expect(side['losses']![0]).toBeGreaterThan(0);
    if (outputFunction !== 'loss')
      expect(distance(features, (await featuresOf([viewed('a', [5, 60])])).features)).toBeGreaterThan(0.01);
  });

  it('of the weighted loss are those of the loss times the weight of the step in its evidence bound', async () => {
    const step = 40;
    const [plain, weighted] = [
      await featuresOf([viewed('a', [step])]),
      await featuresOf([viewed('a', [step])], { outputFunction: 'weighted-loss' }),
    ];
    const beta = schedule.betas[step]!;
    const weight = beta / (2 * (1 - beta) * (1 - schedule.cumulative[step]!));
    const expected = plain.features.map((value) => weight * value);
    expect(distance(weighted.features, expected)).toBeLessThan(1e-5);
  });

  it('among the pixels are the image, and in the middle of the network a few numbers of it', async () => {
    const pixels = await featuresOf([viewed('a', [5]), viewed('b', [5])], { outputFunction: 'pixels' });
    expect(rowOf(pixels, 1, 2)).toEqual(image('b'));
    const embedding = await featuresOf([viewed('a', [5]), viewed('b', [5])], { outputFunction: 'embedding' });
    expect(distance(rowOf(embedding, 0, 2), rowOf(embedding, 1, 2))).toBeGreaterThan(0.001);
  });

  it.each(['v', 'x0'] as const)(
    'of a network that predicts %s are those of the noise it implies',
    async (prediction) => {
      const step = 40;
      const linear = makeLinearDenoiser();
      const weights = linear.initialParameters(6);
      const unprojected = { projection: { kind: 'none', size: 0, seed: 0 } } as const;
      const images = [viewed('a', [step], 4)];
      const found = await featuresOf(images, unprojected, {
        network: linear,
        parameters: weights,
        prediction,
      });
      // ε̂ = (noisy·I + prediction·W)·x, so its gradient by W is `prediction` times that by the whole matrix.
      const shares = noiseCoefficients(prediction, schedule, step);
      const whole = weights.map(
        (weight, index) => shares.prediction * weight + (index % 5 === 0 ? shares.noisy : 0),
      );
      const implied = await featuresOf(images, unprojected, { network: linear, parameters: whole });
      const expected = implied.features.map((value) => shares.prediction * value);
      expect(distance(found.features, expected)).toBeLessThan(1e-5);
      expect(found.side['losses']![0]).toBeCloseTo(implied.side['losses']![0]!, 4);
    },
  );

  it('say how badly each image is predicted: one over the root of their number at most', async () => {
    const { side } = await featuresOf([viewed('a', [5]), viewed('a', [5, 60, 90])]);
    // Mean of the roots over the root of the sum: largest where losses are equal.
    expect(side['residuals']![0]).toBeCloseTo(1, 6);
    expect(side['residuals']![1]).toBeLessThanOrEqual(1 / Math.sqrt(3) + 1e-6);
    expect(side['residuals']![1]).toBeGreaterThan(1 / 3);
  });
});
