/** @file Ground truth of a study: what models that learned half of the images, several per half, really do with the queries. */
import { drawSubsetMasks } from '../../src/core/evaluation/subset-masks.ts';
import { zeros32, type Matrix32 } from '../../src/core/linalg/matrix.ts';
import { marginsFrom } from '../../src/engine/attributing/compute-features.ts';
import { predictRows } from '../../src/engine/training/predict.ts';
import type { TrainedModels } from './trained-models.ts';

export interface TruthSizes {
  readonly subsets: number;
  /** Trainings per subset. */
  readonly repeats: number;
}

export interface SubsetTruth {
  readonly masks: readonly Uint8Array[];
  /** −loss of the queries, [subsets, queries], one matrix per repeat. */
  readonly losses: readonly Matrix32[];
  /** log p/(1 − p) of their class, likewise. */
  readonly margins: readonly Matrix32[];
}

const SHARE = 0.5;

export async function measureSubsets(
  models: TrainedModels,
  { subsets, repeats }: TruthSizes,
  seed: number,
): Promise<SubsetTruth> {
  const { trainRows, queryRows } = models.images;
  const masks = drawSubsetMasks({ sampleCount: trainRows.length, subsetCount: subsets, share: SHARE, seed });
  const empty = (): Matrix32[] => Array.from({ length: repeats }, () => zeros32(subsets, queryRows.length));
  const truth = { masks, losses: empty(), margins: empty() };
  for (let repeat = 0; repeat < repeats; repeat++) {
    for (const [subset, mask] of masks.entries()) {
      const rows = trainRows.filter((row) => mask[row] === 1);
      const parameters = await models.parametersOf(rows, `subset ${subset}, seed ${repeat}`);
      const { losses, margins } = await queryOutputs(models, parameters);
      truth.losses[repeat]!.data.set(losses, subset * queryRows.length);
      truth.margins[repeat]!.data.set(margins, subset * queryRows.length);
    }
  }
  return truth;
}

/** Members of an ensemble: each learned a half of its own, drawn apart from the measured ones. */
export async function trainHalfMembers(
  models: TrainedModels,
  count: number,
  seed: number,
): Promise<Float32Array[]> {
  const { trainRows } = models.images;
  const plan = { sampleCount: trainRows.length, subsetCount: count, share: SHARE, seed: seed + 1 };
  const members: Float32Array[] = [];
  for (const [index, mask] of drawSubsetMasks(plan).entries()) {
    const rows = trainRows.filter((row) => mask[row] === 1);
    members.push(await models.parametersOf(rows, `member ${index}`));
  }
  return members;
}

async function queryOutputs(models: TrainedModels, parameters: Float32Array) {
  const { images, recipe, executor } = models;
  const { labels, queryRows: rows } = images;
  const { classifier } = recipe;
  const { logits } = await predictRows(executor, { ...images, classifier, parameters, rows });
  const width = classifier.outputCount;
  const losses = new Float32Array(rows.length);
  const residuals = new Float32Array(rows.length);
  rows.forEach((row, query) => {
    const own = logits.subarray(query * width, (query + 1) * width);
    const largest = own.reduce((most, logit) => Math.max(most, logit), -Infinity);
    const total = own.reduce((sum, logit) => sum + Math.exp(logit - largest), 0);
    const others = own.reduce(
      (sum, logit, index) => (index === labels[row] ? sum : sum + Math.exp(logit - largest)),
      0,
    );
    losses[query] = largest + Math.log(total) - own[labels[row]!]!;
    residuals[query] = others / total;
  });
  return { losses: losses.map((loss) => -loss), margins: marginsFrom(losses, residuals) };
}
