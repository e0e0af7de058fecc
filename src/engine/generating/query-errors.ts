/** @file How well a denoiser predicts the noise in some images: what evidence bounds and measured losses are made from. */
import { throwIfCancelled } from '../../core/base/app-error.ts';
import type { CancelSignal } from '../../core/base/cancel-signal.ts';
import { Random } from '../../core/base/random.ts';
import { predictedNoise } from '../../core/diffusion/prediction.ts';
import type { Executor, Session } from '../../core/execution/executor.ts';
import { zeros64, type Matrix64 } from '../../core/linalg/matrix.ts';
import { denoiseProgram } from '../../core/nn/denoiser/denoise-program.ts';
import { halvingBatches } from '../training/batch-size.ts';
import type { Denoiser } from './denoiser.ts';
import { NoisyBatch } from './noisy-batch.ts';
import type { QuerySet } from './query-set.ts';

export interface ErrorPlan {
  readonly steps: Int32Array;
  readonly seed: number;
  readonly signal?: CancelSignal | undefined;
}

const LARGEST_BATCH = 128;

/**
 * ‖ε − ε̂‖² of every query at every step, [queries, steps], summed in float64. The noise depends on the seed, the query's key and the step alone: every
 * model sees the same (METHODS §2.6).
 */
export async function measureErrors(
  executor: Executor,
  denoiser: Denoiser,
  parameters: Float32Array,
  queries: QuerySet,
  plan: ErrorPlan,
): Promise<Matrix64> {
  return halvingBatches(LARGEST_BATCH, 'Measuring', async (batchSize) => {
    const program = denoiseProgram(denoiser.network, parameters, { batchSize, profile: executor.profile });
    const session = await executor.open(program);
    try {
      return await measureWith(session, new NoisyBatch(denoiser, batchSize), denoiser, queries, plan);
    } finally {
      await session.dispose();
    }
  });
}

async function measureWith(
  session: Session,
  batch: NoisyBatch,
  denoiser: Denoiser,
  { keys, images, classIndices }: QuerySet,
  { steps, seed, signal }: ErrorPlan,
): Promise<Matrix64> {
  const errors = zeros64(keys.length, steps.length);
  const total = errors.data.length;
  for (let from = 0; from < total; from += batch.size) {
    throwIfCancelled(signal);
    const count = Math.min(batch.size, total - from);
    const stepAt = (place: number): number => steps[(from + place) % steps.length]!;
    for (let place = 0; place < count; place++) {
      const query = Math.floor((from + place) / steps.length);
      const random = new Random(seed, `evidence/${keys[query]!}/${stepAt(place)}`);
      batch.mix(place, images[query]!, stepAt(place), classIndices[query]!, random);
    }
    batch.pad(count);
    const { output } = await session.run(batch.told(), ['output']);
    const predictions = output!.data as Float32Array;
    for (let place = 0; place < count; place++) {
      const prediction = predictions.subarray(place * batch.length, (place + 1) * batch.length);
      const { prediction: kind, schedule } = denoiser;
      const guess = predictedNoise(kind, schedule, stepAt(place), batch.noisyAt(place), prediction);
      errors.data[from + place] = squaredDistance(batch.noiseAt(place), guess);
    }
  }
  return errors;
}

function squaredDistance(a: ArrayLike<number>, b: ArrayLike<number>): number {
  let sum = 0;
  for (let index = 0; index < a.length; index++) sum += (a[index]! - b[index]!) ** 2;
  return sum;
}
