/** @file How far the nearest neighbours of each examined image, in the model's embedding, disagree with its label. */
import { throwIfCancelled } from '../../core/base/app-error.ts';
import { neighbourDisagreement } from '../../core/curation/neighbour-disagreement.ts';
import { makeMatrix, type Matrix } from '../../core/linalg/matrix.ts';
import { imageShape } from '../../core/nn/network.ts';
import { predictionProgram } from '../../core/nn/prediction-program.ts';
import { float32 } from '../../core/tensor/tensor.ts';
import type { FeatureModel } from '../attributing/compute-features.ts';
import type { ComputeTools } from '../attributing/compute-tools.ts';
import { halvingBatches } from '../training/batch-size.ts';
import { BatchReader } from '../training/batches.ts';

/** Enough to average out single wrong neighbours, few enough for a class of some dozens of images. */
const NEIGHBOUR_COUNT = 20;
const LARGEST_BATCH = 256;

/** `rows` of the model's pixel source with their current class indices; one value per row, high is suspicious. */
export async function neighbourSignal(
  model: FeatureModel,
  rows: Int32Array,
  labels: Int32Array,
  tools: Pick<ComputeTools, 'executor' | 'matrixEngine'>,
  signal?: AbortSignal,
): Promise<Float64Array> {
  const embeddings = await halvingBatches(Math.min(LARGEST_BATCH, rows.length), 'Embedding', (size) =>
    embedRows(model, rows, size, tools, signal),
  );
  return neighbourDisagreement(embeddings, labels, NEIGHBOUR_COUNT, tools.matrixEngine);
}

/** [rows, width of the last hidden layer] */
async function embedRows(
  { classifier, parameters, pixels, normalization }: FeatureModel,
  rows: Int32Array,
  batchSize: number,
  { executor }: Pick<ComputeTools, 'executor'>,
  signal?: AbortSignal,
): Promise<Matrix> {
  const program = predictionProgram(classifier, parameters, { batchSize, profile: executor.profile });
  const width = program.outputs.get('embedding')!.shape[1]!;
  const embeddings = new Float32Array(rows.length * width);
  const reader = new BatchReader(pixels, normalization, batchSize);
  const session = await executor.open(program);
  try {
    for (let from = 0; from < rows.length; from += batchSize) {
      throwIfCancelled(signal);
      const some = rows.subarray(from, from + batchSize);
      const images = float32(imageShape(classifier, batchSize), reader.read(some));
      const { embedding } = await session.run({ images }, ['embedding']);
      const data = embedding!.data as Float32Array;
      embeddings.set(data.subarray(0, some.length * width), from * width);
    }
  } finally {
    await session.dispose();
  }
  return makeMatrix(rows.length, width, embeddings);
}
