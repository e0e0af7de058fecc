/** @file The way on which images were made: at every visited step the clean image that the model saw coming (Journey-TRAK, Georgiev et al. 2023). */
import { predictedNoise } from '../../core/diffusion/prediction.ts';
import type { Executor } from '../../core/execution/executor.ts';
import { makeImages, type MakingPlan } from './make-images.ts';
import type { Denoiser } from './denoiser.ts';
import type { View } from './views.ts';

/** Of each image of the plan, the views in the order of making; x̂_0 of pixels within −1 … 1. */
export async function journeysOf(
  executor: Executor,
  denoiser: Denoiser,
  parameters: Float32Array,
  plan: MakingPlan,
): Promise<View[][]> {
  const journeys: View[][] = plan.indices.map(() => []);
  const { schedule, prediction, isLatent = false } = denoiser;
  const bound = isLatent ? Infinity : 1;
  await makeImages(executor, denoiser, parameters, {
    ...plan,
    onState: (place, step, noisy, predicted) => {
      const [signal, deviation] = [schedule.signal(step), schedule.noise(step)];
      const noise = predictedNoise(prediction, schedule, step, noisy, predicted);
      const image = Float32Array.from(noisy, (value, index) =>
        Math.min(bound, Math.max(-bound, (value - deviation * noise[index]!) / signal)),
      );
      journeys[place]!.push({ image, step });
    },
  });
  return journeys;
}
