/** @file Generated images made again, from their own seeds, by models that never learned some of the training images; and how far they moved. */
import { cosineBetween, distanceBetween } from '../../../core/linalg/vector-distance.ts';
import { elementCount } from '../../../core/tensor/tensor.ts';
import { DiffusionChoices } from '../../../contract/generation-configs.ts';
import { stepsOf, viewsOf } from '../../attributing/queries/query-features.ts';
import { DenoiserFeatures } from '../../generating/denoiser-features.ts';
import { conditionName } from '../../generating/denoiser.ts';
import { makeImages } from '../../generating/make-images.ts';
import { toldNumbers } from '../../generating/query-files.ts';
import { requireGeneration, type Generation } from '../../generating/query-generation.ts';
import type { StoredQuery } from '../../storage/queries.ts';
import type { GenerativeWork } from './generative-work.ts';
import { measureRetraining } from './kept-retraining.ts';

/** An image that the model made, with what it was made from. */
export interface MadeImage {
  readonly query: StoredQuery;
  readonly generation: Generation;
  /** Class, or number of the text, that the model was told; −1: none. */
  readonly classIndex: number;
}

export interface Movement {
  /** ‖original − remade‖₂ of pixels in −1 … 1. */
  readonly distance: number;
  /** Of what the model's middle sees in both, under the same noise. */
  readonly cosine: number;
}

export async function madeImages(
  { model, context }: Pick<GenerativeWork, 'model' | 'context'>,
  queries: readonly StoredQuery[],
): Promise<MadeImage[]> {
  const told = await toldNumbers(queries, model, context);
  return queries.map((query, place) => ({
    query,
    generation: requireGeneration(query, model, 'a counterfactual'),
    classIndex: told[place]!,
  }));
}

/** [C·H·W] in −1 … 1, by a model with these weights. */
export async function makeAgain(
  { model, tools, context }: Pick<GenerativeWork, 'model' | 'tools' | 'context'>,
  { generation, classIndex }: MadeImage,
  average: Float32Array,
): Promise<Float32Array> {
  const { sampler, steps, seed, image, guidance } = generation;
  const [made] = await makeImages(tools.executor, model.denoiser, average, {
    ...{ sampler, steps, seed, guidance },
    indices: [image],
    classIndices: [classIndex],
    signal: context.signal,
  });
  return made!;
}

/** Trains without these places of `model.learned`, from the model's own seeds, and makes the image again; both are done once. */
export async function remakeWithout(
  work: GenerativeWork,
  made: MadeImage,
  removed: Int32Array,
  onProgress: (fraction: number) => void,
): Promise<Float32Array> {
  const { model } = work;
  const out = new Set(removed);
  const { generation, classIndex } = made;
  const image = await measureRetraining(work, {
    places: Int32Array.from(model.learned.keys()).filter((place) => !out.has(place)),
    repeat: 0,
    measurement: { generation, told: conditionName(model.denoiser, classIndex) },
    length: elementCount(model.denoiser.network.inputShape),
    onProgress,
    measure: async (average) => Float64Array.from(await makeAgain(work, made, average)),
  });
  return Float32Array.from(image);
}

export interface ImagePair {
  readonly made: MadeImage;
  readonly original: Float32Array;
  readonly remade: Float32Array;
}

export async function movementsOf(
  { model, tools, context }: GenerativeWork,
  seed: number,
  pairs: readonly ImagePair[],
): Promise<Movement[]> {
  const { denoiser, average: parameters } = model;
  const features = new DenoiserFeatures(
    tools.executor,
    { denoiser, network: denoiser.network, parameters },
    { outputFunction: 'embedding', projection: { kind: 'none', size: 0, seed: 0 }, seed },
  );
  try {
    const steps = stepsOf({ model, choices: DiffusionChoices.parse({ method: 'embedding-cos', seed }) });
    const movements: Movement[] = [];
    for (const { made, original, remade } of pairs) {
      // One key: both are seen under the same noise.
      const view = (image: Float32Array) => ({
        key: made.query.sha256,
        classIndex: made.classIndex,
        views: viewsOf(image, steps),
      });
      const { features: seen } = await features.compute([view(original), view(remade)], context.signal);
      const columns = seen.length / 2;
      movements.push({
        distance: distanceBetween(original, remade),
        cosine: cosineBetween(seen.subarray(0, columns), seen.subarray(columns)),
      });
    }
    return movements;
  } finally {
    await features.dispose();
  }
}
