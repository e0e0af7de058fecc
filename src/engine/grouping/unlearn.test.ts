import { afterAll, describe, expect, it } from 'vitest';
import { makeDenoiser } from '../../../testing/denoisers.ts';
import { drawParameters } from '../../../testing/networks.ts';
import { drawShapes } from '../../../testing/shape-images.ts';
import { watchRuns } from '../../../testing/watched-executor.ts';
import { UnlearningChoices } from '../../contract/generation-configs.ts';
import { chooseSteps, lostEvidence } from '../../core/diffusion/evidence-bound.ts';
import { buildSchedule, usualSchedule, type PredictionKind } from '../../core/diffusion/noise-schedule.ts';
import type { Executor, Feeds } from '../../core/execution/executor.ts';
import { denoiseProgram } from '../../core/nn/denoiser/denoise-program.ts';
import { float32 } from '../../core/tensor/tensor.ts';
import { classInput, classWeight, timeInput } from '../../core/nn/denoiser/u-net.ts';
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
  const denoiser: Denoiser = { ...plainDenoiser, prediction };
  return new Unlearner({
    ...{ executor: used, matrixEngine, denoiser, parameters, images, labels: shapes.labels },
    prototypes: null,
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

const plainDenoiser: Denoiser = { network, schedule, prediction: 'epsilon', classCount: 0 };

/** Nats that the images of these rows, told their classes where there are classes, lose between two models, summed. */
async function lost(
  rows: Int32Array,
  after: Float32Array,
  { denoiser, before }: { denoiser: Denoiser; before: Float32Array } = {
    denoiser: plainDenoiser,
    before: parameters,
  },
): Promise<number> {
  const set = {
    keys: Array.from(rows, String),
    images: images.reader().read(rows),
    classIndices: Array.from(rows, (row) => (denoiser.classCount === 0 ? -1 : shapes.labels[row]!)),
  };
  const [whole, without] = [
    await measureErrors(executor, denoiser, before, set, { steps, seed: 1 }),
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

describe('unlearning a group of a model that is told classes', () => {
  const toldNetwork = makeDenoiser({ classCount: 2 });
  const toldParameters = drawParameters(toldNetwork);
  // Classes that are far apart: else there is little to unlearn.
  const { offset } = toldNetwork.parameters.find(({ name }) => name === classWeight)!;
  for (let index = offset; index < offset + 2 * 64; index++) toldParameters[index]! *= 20;
  const toldDenoiser: Denoiser = { network: toldNetwork, schedule, prediction: 'epsilon', classCount: 2 };

  function anchored(choices: Choices = {}, used: Executor = executor): Unlearner {
    return new Unlearner({
      ...{ executor: used, matrixEngine, denoiser: toldDenoiser, parameters: toldParameters, images },
      ...{ labels: shapes.labels, prototypes: null },
      choices: { ...UnlearningChoices.parse(small), ...choices, method: 'guda' },
    });
  }

  /** What the model predicts of these noisy images when all of them are told one class. */
  async function predicted(values: Float32Array, feeds: Feeds, told: number): Promise<Float32Array> {
    const batchSize = feeds['images']!.shape[0]!;
    const program = denoiseProgram(toldNetwork, values, { batchSize, profile: executor.profile });
    const session = await executor.open(program);
    const rows = Float32Array.from({ length: 2 * batchSize }, (_, index) => (index % 2 === told ? 1 : 0));
    const { output } = await session.run(
      {
        images: feeds['images']!,
        [timeInput]: feeds[timeInput]!,
        [classInput]: float32([batchSize, 2], rows),
      },
      ['output'],
    );
    await session.dispose();
    return output!.data as Float32Array;
  }

  async function trained(choices: Choices): Promise<{ heard: Feeds[]; after: Float32Array }> {
    const heard: Feeds[] = [];
    const used = watchRuns(executor, (feeds) => {
      if (feeds['targets'] !== undefined) heard.push(structuredClone(feeds));
    });
    const open = anchored(choices, used);
    const after = await open.unlearn({ forgotten, retained, seed: 1 });
    await open.dispose();
    return { heard, after };
  }

  it('without a step leaves it as it is, and costs no evidence', async () => {
    const { after } = await trained({ steps: 0 });
    const all = Int32Array.from([...forgotten, ...retained]);
    expect(await lost(all, after, { denoiser: toldDenoiser, before: toldParameters })).toBe(0);
  });

  it('draws forgotten images to what it predicted of them when told the class that stays, others to what it did', async () => {
    const { heard } = await trained({ steps: 2 });
    expect(heard).toHaveLength(2);
    for (const feeds of heard) {
      // All of the first class are forgotten: the second stands in, which is that of the retained images too.
      const wanted = await predicted(toldParameters, feeds, 1);
      const targets = feeds['targets']!.data as Float32Array;
      const told = feeds[classInput]!.data as Float32Array;
      expect(Array.from(told)).toEqual(
        [...Array<number[]>(4).fill([0, 1]), ...Array<number[]>(4).fill([1, 0])].flat(),
      );
      for (const [index, target] of targets.entries()) expect(target).toBeCloseTo(wanted[index]!, 5);
    }
  });

  it('brings it nearer to that, while on retained images it stays', async () => {
    const { heard, after } = await trained({ steps: 30, learningRate: 1e-3 });
    const [feeds] = heard as [Feeds];
    const half = 4 * 64;
    const distance = (a: Float32Array, b: Float32Array, from: number): number =>
      a.subarray(from, from + half).reduce((sum, value, index) => sum + (value - b[from + index]!) ** 2, 0);
    const goal = await predicted(toldParameters, feeds, 1);
    const [before, since] = [await predicted(toldParameters, feeds, 0), await predicted(after, feeds, 0)];
    const gap = distance(before, goal, half);
    expect(distance(since, goal, half)).toBeLessThan(0.5 * gap);
    expect(distance(await predicted(after, feeds, 1), goal, 0)).toBeLessThan(0.25 * gap);
  });

  it('asks for a class that stays', async () => {
    const open = anchored();
    const both = Int32Array.of(forgotten[0]!, retained[0]!);
    await expect(
      open.unlearn({ forgotten: both, retained: retained.slice(1), seed: 1 }),
    ).rejects.toMatchObject({
      code: 'anchors-missing',
    });
    await open.dispose();
  });

  it('is refused where the model is told none', () => {
    expect(() => unlearner({ target: 'anchor' })).toThrow(
      expect.objectContaining({ code: 'anchors-missing' }),
    );
  });
});
