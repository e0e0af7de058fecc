/** @file How far the nearest neighbours of each examined image, in the model's embedding, disagree with its label. */
import { neighbourDisagreement } from '../../core/curation/neighbour-disagreement.ts';
import type { FeatureModel } from '../attributing/compute-features.ts';
import type { ComputeTools } from '../attributing/compute-tools.ts';
import { predictRows } from '../training/predict.ts';

/** Enough to average out single wrong neighbours, few enough for a class of some dozens of images. */
const NEIGHBOUR_COUNT = 20;

/** `rows` of the model's pixel source with their current class indices; one value per row, high is suspicious. */
export async function neighbourSignal(
  model: FeatureModel,
  rows: Int32Array,
  labels: Int32Array,
  tools: Pick<ComputeTools, 'executor' | 'matrixEngine'>,
  signal?: AbortSignal,
): Promise<Float64Array> {
  const { embedding } = await predictRows(tools.executor, { ...model, rows, withEmbedding: true, signal });
  return neighbourDisagreement(embedding, labels, NEIGHBOUR_COUNT, tools.matrixEngine);
}
