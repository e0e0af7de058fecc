import { afterAll, describe, expect, it } from 'vitest';
import { makeDenoiser } from '../../../testing/denoisers.ts';
import { drawParameters } from '../../../testing/networks.ts';
import { drawShapes } from '../../../testing/shape-images.ts';
import { watchRuns } from '../../../testing/watched-executor.ts';
import { UnlearningChoices } from '../../contract/generation-configs.ts';
import { chooseSteps, lostEvidence } from '../../core/diffusion/evidence-bound.ts';
import { buildSchedule, usualSchedule, type PredictionKind } from '../../core/diffusion/noise-schedule.ts';
import type { Executor, Feeds } from '../../core/execution/executor.ts';
import { timeInput } from '../../core/nn/denoiser/u-net.ts';
import { pixelImages } from '../generating/clean-images.ts';
import type { Denoiser } from '../generating/denoiser.ts';
import { measureErrors } from '../generating/query-errors.ts';
import { createOrtExecutor } from '../runtime/ort-executor.ts';
import { createOrtMatrixEngine } from '../runtime/ort-matrix-engine.ts';
import { memoryPixels } from '../training/pixel-source.ts';
import { Unlearner } from './unlearn.ts';

const executor = createOrtExecutor({ threads: 1 });
const matrixEngine = createOrtMatrixEngine({ threads: 1 });
afterAll(() => matrixEngine.dispose());

const shapes = drawShapes({ count: 12, classCount: 2, size: 8, seed: 5 });
const images = pixelImages(memoryPixels(shapes.bytes, 1, 8));
const network = makeDenoiser();
const parameters = drawParameters(network);
const schedule = buildSchedule(usualSchedule('cosine', 50));
const rowsOf = (label: number): Int32Array =>
  Int32Array.from(Array.from(shapes.labels).flatMap((own, row) => (own === label ? [row] : [])));
const [forgotten, retained] = [rowsOf(0), rowsOf(1)];
const small = { steps: 3, batchSize: 4, learningRate: 1e-3, neighbours: 3 };

type Choices = Partial<UnlearningChoices> & { method?: 'guda' | 'ascent'; prediction?: PredictionKind };

function unlearner(
  { method = 'guda', prediction = 'epsilon', ...choices }: Choices = {},
  used: Executor = executor,
): Unlearner {
  const denoiser: Denoiser = { network, schedule, prediction, classCount: 0 };
  return new Unlearner({
    ...{ executor: used, matrixEngine, denoiser, parameters, images, labels: shapes.labels },
    choices: { ...UnlearningChoices.parse({ ...small, ...choices }), method },
  });
}

async function unlearn(choices: Choices = {}, seed = 1): Promise<Float32Array> {
  const open = unlearner(choices);
  const after = await open.unlearn({ forgotten, retained, seed });
  await open.dispose();
  return after;
}

const steps = chooseSteps(schedule, 6, 'uniform');

/** Nats that the images of these rows lose between two models, summed. */
async function lost(rows: Int32Array, after: Float32Array): Promise<number> {
  const denoiser: Denoiser = { network, schedule, prediction: 'epsilon', classCount: 0 };
  const set = {
    keys: Array.from(rows, String),
    images: images.reader().read(rows),
    classIndices: Array.from(rows, () => -1),
  };
  const [whole, without] = [
    await measureErrors(executor, denoiser, parameters, set, { steps, seed: 1 }),
    await measureErrors(executor, denoiser, after, set, { steps, seed: 1 }),
  ];
  return Array.from(rows).reduce((sum, _, place) => {
    const part = ({ data }: typeof whole): Float64Array =>
      data.subarray(place * steps.length, (place + 1) * steps.length);
    return sum + lostEvidence(schedule, steps, part(whole), part(without));
  }, 0);
}

describe('a model beside itself', () => {
  it('loses no evidence at all', async () => {
    expect(await lost(forgotten, parameters)).toBe(0);
  });
});

describe('unlearning', () => {
  it('of equal seeds ends in equal bits, whatever was unlearned before; of others elsewhere', async () => {
    const open = unlearner();
    const first = await open.unlearn({ forgotten, retained, seed: 1 });
    await open.unlearn({ forgotten: retained, retained: forgotten, seed: 1 });
    const again = await open.unlearn({ forgotten, retained, seed: 1 });
    const other = await open.unlearn({ forgotten, retained, seed: 2 });
    await open.dispose();
    expect(again).toEqual(first);
    expect(other).not.toEqual(first);
    expect(first).not.toEqual(parameters);
  });

  it('tells how far it is', async () => {
    const fractions: number[] = [];
    const open = unlearner();
    await open.unlearn({ forgotten, retained, seed: 1, onProgress: (fraction) => fractions.push(fraction) });
    await open.dispose();
    expect(fractions).toEqual([1 / 3, 2 / 3, 1]);
  });

  it('by ascent costs the forgotten images evidence', async () => {
    const after = await unlearn({ method: 'ascent', steps: 8 });
    expect(await lost(forgotten, after)).toBeGreaterThan(0);
  });

  it('differs between what forgotten images are drawn to, and between what is asked of retained ones', async () => {
    const plain = await unlearn();
    for (const choices of [
      { target: 'zero-as-released' } as const,
      { retainLoss: 'standard' } as const,
      { neighbours: 1 },
      { forgetWeight: 0 },
      { method: 'ascent' } as const,
    ])
      expect(await unlearn(choices)).not.toEqual(plain);
  });

  it('that asks nothing but to stay as it was, in tiny steps, costs next to nothing', async () => {
    const after = await unlearn({ forgetWeight: 0, learningRate: 1e-8 });
    const ascended = await unlearn({ method: 'ascent' });
    expect(Math.abs(await lost(forgotten, after))).toBeLessThan(
      1e-3 * Math.abs(await lost(forgotten, ascended)),
    );
  });

  it.each(['epsilon', 'v', 'x0'] as const)(
    'of a network that predicts %s draws forgotten images to the only retained one there is',
    async (prediction) => {
      const heard: Feeds[] = [];
      const only = retained.slice(0, 1);
      const used = watchRuns(executor, (feeds) => {
        if (feeds['targets'] !== undefined) heard.push(structuredClone(feeds));
      });
      const open = unlearner({ prediction, steps: 2 }, used);
      await open.unlearn({ forgotten, retained: only, seed: 1 });
      await open.dispose();
      const [neighbour] = images.reader().read(only);
      expect(heard).toHaveLength(2);
      for (const feeds of heard) {
        const data = (name: string): Float32Array => feeds[name]!.data as Float32Array;
        for (let place = 4; place < 8; place++) {
          const step = data(timeInput)[place]!;
          const [signal, deviation] = [schedule.signal(step), schedule.noise(step)];
          const at = place * 64;
          expect(data('sampleWeights')[place]).toBeCloseTo(1 / 4, 6);
          for (let pixel = 0; pixel < 64; pixel++) {
            const image = neighbour![pixel]!;
            const noise = (data('images')[at + pixel]! - signal * image) / deviation;
            const wanted = { epsilon: noise, v: signal * noise - deviation * image, x0: image }[prediction];
            expect(data('targets')[at + pixel]).toBeCloseTo(wanted, 3);
          }
        }
      }
    },
  );

  it('that diverges says at which step and learning rate', async () => {
    await expect(unlearn({ learningRate: 1e30 })).rejects.toMatchObject({
      code: 'denoiser-diverged',
      details: { learningRate: 1e30 },
    });
  });
});
