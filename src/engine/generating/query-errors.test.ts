import { describe, expect, it } from 'vitest';
import { makeDenoiser, makeLinearDenoiser } from '../../../testing/denoisers.ts';
import { drawParameters } from '../../../testing/networks.ts';
import { Random } from '../../core/base/random.ts';
import { buildSchedule, usualSchedule, type PredictionKind } from '../../core/diffusion/noise-schedule.ts';
import { noiseCoefficients } from '../../core/diffusion/prediction.ts';
import type { Matrix64 } from '../../core/linalg/matrix.ts';
import type { Network } from '../../core/nn/network.ts';
import { createOrtExecutor } from '../runtime/ort-executor.ts';
import { measureErrors } from './query-errors.ts';
import type { QuerySet } from './query-set.ts';

const executor = createOrtExecutor({ threads: 1 });
const schedule = buildSchedule(usualSchedule('linear', 100));
const network = makeDenoiser();
const parameters = drawParameters(network);
const steps = Int32Array.of(3, 40, 90);

function querySet(names: readonly string[], length = 64): QuerySet {
  const image = (name: string): Float32Array => {
    const random = new Random(3, name);
    return Float32Array.from({ length }, () => 2 * random.uniform() - 1);
  };
  return { keys: names, images: names.map(image), classIndices: names.map(() => -1) };
}

function measure(
  queries: QuerySet,
  { seed = 1, prediction = 'epsilon' }: { seed?: number; prediction?: PredictionKind } = {},
  model: { network: Network; parameters: Float32Array } = { network, parameters },
): Promise<Matrix64> {
  const denoiser = { network: model.network, schedule, prediction, classCount: 0 };
  return measureErrors(executor, denoiser, model.parameters, queries, { steps, seed });
}

const rowOf = ({ data, columns }: Matrix64, row: number): number[] =>
  Array.from(data.subarray(row * columns, (row + 1) * columns));

describe('errors of a denoiser', () => {
  it('are the same, bit for bit, when they are measured again, and others under other noise', async () => {
    const queries = querySet(['a', 'b']);
    const first = await measure(queries);
    expect(await measure(queries)).toEqual(first);
    expect(await measure(queries, { seed: 2 })).not.toEqual(first);
    expect(first.rows).toBe(2);
    expect(first.columns).toBe(3);
  });

  it('of an image do not depend on those beside it, also over several batches', async () => {
    // 60 images at three steps fill more than one batch of 128.
    const many = await measure(querySet(Array.from({ length: 60 }, (_, index) => `image ${index}`)));
    for (const index of [0, 41, 42, 59]) {
      const alone = rowOf(await measure(querySet([`image ${index}`])), 0);
      for (const [step, error] of rowOf(many, index).entries())
        expect(error / alone[step]!).toBeCloseTo(1, 5);
    }
  });

  it.each(['v', 'x0'] as const)(
    'of a network that predicts %s are of the noise it implies',
    async (prediction) => {
      const linear = makeLinearDenoiser();
      const weights = linear.initialParameters(6);
      const queries = querySet(['a'], 4);
      const found = await measure(queries, { prediction }, { network: linear, parameters: weights });
      for (const [column, step] of steps.entries()) {
        const shares = noiseCoefficients(prediction, schedule, step);
        // ε̂ = (noisy·I + prediction·W)·x
        const whole = weights.map(
          (weight, index) => shares.prediction * weight + (index % 5 === 0 ? shares.noisy : 0),
        );
        const implied = await measure(queries, {}, { network: linear, parameters: whole });
        expect(found.data[column]! / implied.data[column]!).toBeCloseTo(1, 4);
      }
    },
  );
});
