/** @file Features of training images and of queries under one member, in stores that are addressed by everything the numbers depend on. */
import { createHash } from 'node:crypto';
import { chooseSteps } from '../../../core/diffusion/evidence-bound.ts';
import type { Matrix } from '../../../core/linalg/matrix.ts';
import { FeatureStore } from '../../artifacts/feature-store.ts';
import {
  DenoiserFeatures,
  denoiserSideColumns,
  type DenoiserQuantity,
} from '../../generating/denoiser-features.ts';
import { conditionName } from '../../generating/denoiser.ts';
import type { LoadedDenoiser } from '../../generating/loaded-denoiser.ts';
import type { ViewedImage } from '../../generating/views.ts';
import type { LabelledRow } from '../loaded-model.ts';
import type { DenoiserMember } from './denoiser-members.ts';
import type { QueryWork } from './query-work.ts';

type OnProgress = (done: number, total: number) => void;

/** Numbers of the rows of a store that are computed at a time. */
const ROWS_AT_ONCE = 64;

export function stepsOf({ model, choices }: Pick<QueryWork, 'model' | 'choices'>): Int32Array {
  const { timestepCount, timestepStrategy } = choices;
  return chooseSteps(model.denoiser.schedule, timestepCount, timestepStrategy);
}

function quantityOf(
  { method, choices }: Pick<QueryWork, 'method' | 'choices'>,
  member: DenoiserMember,
): DenoiserQuantity {
  const unprojected = { kind: 'none', size: 0, seed: 0 } as const;
  const { features } = method;
  if (features === 'embedding' || features === 'pixels')
    return { outputFunction: features, projection: unprojected, seed: choices.seed };
  const size = Math.min(choices.projectionSize, member.network.parameterCount);
  return {
    outputFunction: choices.outputFunction ?? features,
    projection: { kind: choices.projection, size, seed: member.projectionSeed },
    seed: choices.seed,
  };
}

/** Of what the model learned, in its order. */
export function fillTrainFeatures(
  work: QueryWork,
  member: DenoiserMember,
  onProgress: OnProgress,
): Promise<FeatureStore> {
  const { model } = work;
  const steps = stepsOf(work);
  const images = model.images.reader();
  const view = (rows: readonly LabelledRow[]): ViewedImage[] => {
    const read = images.read(Int32Array.from(rows, ({ row }) => row));
    return rows.map(({ row, classIndex }, place) => ({
      key: model.samples[row]!.sha256,
      classIndex,
      // The buffer is filled anew by the next read.
      views: viewsOf(read[place]!.slice(), steps),
    }));
  };
  const ids = model.learned.map(({ sampleId }) => sampleId);
  const keys = model.learned.map(
    ({ row, classIndex }) => `${model.samples[row]!.sha256} ${conditionName(model.denoiser, classIndex)}`,
  );
  return fill(
    work,
    member,
    { ids, keys, steps: [...steps] },
    (from, to) => view(model.learned.slice(from, to)),
    onProgress,
  );
}

export function viewsOf(image: Float32Array, steps: Int32Array): ViewedImage['views'] {
  return Array.from(steps, (step) => ({ image, step }));
}

/** Of queries, [queries, k], in order. */
export async function queryFeatures(
  work: QueryWork,
  member: DenoiserMember,
  queries: readonly ViewedImage[],
  onProgress: OnProgress,
): Promise<Matrix> {
  const keys = queries.map(
    ({ key, classIndex }) => `${key} ${conditionName(work.model.denoiser, classIndex)}`,
  );
  const ids = queries.map((_, place) => place);
  const steps = queries[0]?.views.map(({ step }) => step) ?? [];
  const store = await fill(
    work,
    member,
    { ids, keys, steps },
    (from, to) => queries.slice(from, to),
    onProgress,
  );
  return store.rowsAt(ids);
}

async function fill(
  { model, tools, folder, context, choices, method }: QueryWork,
  member: DenoiserMember,
  rows: {
    readonly ids: readonly number[];
    readonly keys: readonly string[];
    readonly steps: readonly number[];
  },
  imagesAt: (from: number, to: number) => ViewedImage[],
  onProgress: OnProgress,
): Promise<FeatureStore> {
  const quantity = quantityOf({ method, choices }, member);
  const computer = new DenoiserFeatures(
    tools.executor,
    { denoiser: model.denoiser, network: member.network, parameters: member.readParameters() },
    quantity,
  );
  try {
    const { outputFunction, projection, seed } = quantity;
    const store = FeatureStore.open(folder.featuresPath, {
      model: member.identity,
      outputFunction,
      projection,
      dataVersion: dataVersionOf(model, { ...rows, seed }),
      rowIds: rows.ids,
      columns: await computer.columns(),
      sideColumns: [...denoiserSideColumns],
      dtype: 'float16',
    });
    store.discardDamaged();
    await store.fill(
      async ({ from, to }) => {
        const columns = store.columns;
        const features = new Float32Array((to - from) * columns);
        const side = { losses: new Float32Array(to - from), residuals: new Float32Array(to - from) };
        for (let start = from; start < to; start += ROWS_AT_ONCE) {
          const end = Math.min(to, start + ROWS_AT_ONCE);
          const found = await computer.compute(imagesAt(start, end), context.signal);
          features.set(found.features, (start - from) * columns);
          for (const name of denoiserSideColumns) side[name].set(found.side[name]!, start - from);
          onProgress(end, rows.ids.length);
        }
        return { features, side };
      },
      { signal: context.signal },
    );
    return store;
  } finally {
    await computer.dispose();
  }
}

function dataVersionOf(
  { description, images }: LoadedDenoiser,
  { keys, steps, seed }: { keys: readonly string[]; steps: readonly number[]; seed: number },
): string {
  const { schedule, prediction } = description;
  const hash = createHash('sha256');
  hash.update(JSON.stringify({ ...images.identity, schedule, prediction, steps, seed }));
  for (const key of keys) hash.update(`${key}\n`);
  return hash.digest('hex');
}
