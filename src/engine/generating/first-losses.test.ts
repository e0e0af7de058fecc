import { expect, it } from 'vitest';
import { makeDenoiser } from '../../../testing/denoisers.ts';
import { Random } from '../../core/base/random.ts';
import { buildSchedule, predictionKinds, usualSchedule } from '../../core/diffusion/noise-schedule.ts';
import { createOrtExecutor } from '../runtime/ort-executor.ts';
import { firstLoss } from './first-losses.ts';

it.each(predictionKinds)(
  'a network that says zero is as good as predicting nothing (%s)',
  async (prediction) => {
    const network = makeDenoiser();
    const denoiser = {
      network,
      schedule: buildSchedule(usualSchedule('cosine', 100)),
      prediction,
      classCount: 0,
    };
    const random = new Random(1, 'images');
    const drawn = Array.from({ length: 40 }, () => Float32Array.from({ length: 64 }, () => random.uniform()));
    const images = {
      keys: drawn.map((_, index) => `${index}`),
      images: drawn,
      classIndices: drawn.map(() => -1),
    };
    // The last convolution begins at zero.
    const parameters = network.initialParameters(0);
    const { signal } = new AbortController();
    const { loss, ofNothing } = await firstLoss(createOrtExecutor(), denoiser, parameters, images, signal);
    expect(loss / ofNothing).toBeCloseTo(1, 1);
  },
);
