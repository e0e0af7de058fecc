/** @file How well a brought denoiser predicts, beside predicting nothing: whether the head and the schedule can be right shows at once. */
import { chooseSteps } from '../../core/diffusion/evidence-bound.ts';
import { noiseCoefficients } from '../../core/diffusion/prediction.ts';
import type { Executor } from '../../core/execution/executor.ts';
import type { CancelSignal } from '../../core/base/cancel-signal.ts';
import type { Denoiser } from './denoiser.ts';
import { measureErrors } from './query-errors.ts';
import type { QuerySet } from './query-set.ts';

export interface FirstLoss {
  /** Mean squared error of what the model predicts. */
  readonly loss: number;
  /** What it would be if the model always said zero. */
  readonly ofNothing: number;
}

const STEPS = 10;

export async function firstLoss(
  executor: Executor,
  denoiser: Denoiser,
  parameters: Float32Array,
  images: QuerySet,
  signal: CancelSignal,
): Promise<FirstLoss> {
  const { schedule, prediction } = denoiser;
  const steps = chooseSteps(schedule, STEPS, 'uniform');
  const errors = await measureErrors(executor, denoiser, parameters, images, { steps, seed: 0, signal });
  const power = meanSquare(images);
  const values = images.images.length * images.images[0]!.length;
  let [loss, ofNothing] = [0, 0];
  for (const [place, step] of steps.entries()) {
    // ε̂ − ε = b·(prediction − target): the error of the noise, in terms of what is predicted.
    const share = noiseCoefficients(prediction, schedule, step).prediction ** 2;
    let total = 0;
    for (let row = 0; row < errors.rows; row++) total += errors.data[row * steps.length + place]!;
    loss += total / values / share / steps.length;
    const ofNoise = { epsilon: 1, v: schedule.signal(step) ** 2, x0: 0 }[prediction];
    const ofImage = { epsilon: 0, v: schedule.noise(step) ** 2, x0: 1 }[prediction];
    ofNothing += (ofNoise + ofImage * power) / steps.length;
  }
  return { loss, ofNothing };
}

/** Of all pixels. */
function meanSquare({ images }: QuerySet): number {
  let [total, count] = [0, 0];
  for (const image of images) {
    for (const pixel of image) total += pixel ** 2;
    count += image.length;
  }
  return total / count;
}
