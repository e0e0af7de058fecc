/** @file Self-influence by TRAK over models that each learned half of the images (METHODS §7.1): the mean of φᵀK⁻¹φ times the mean of 1 − p. */
import { fitPrimal } from '../../src/core/attribution/preconditioner.ts';
import { meanWeights, selfInfluence } from '../../src/core/attribution/score-queries.ts';
import { drawSubsetMasks } from '../../src/core/evaluation/subset-masks.ts';
import type { Executor } from '../../src/core/execution/executor.ts';
import { gramOf } from '../../src/core/linalg/gram.ts';
import { makeMatrix } from '../../src/core/linalg/matrix.ts';
import type { MatrixEngine } from '../../src/core/linalg/matrix-engine.ts';
import { FeatureComputer } from '../../src/engine/attributing/compute-features.ts';
import { trainClassifier } from '../../src/engine/training/train-classifier.ts';
import { mlpRecipe } from '../lds/recipes.ts';
import type { PlantedSet } from './planted-set.ts';

const MODEL_SHARE = 0.5;

export interface TrakRecipe {
  readonly models: number;
  readonly epochs: number;
  readonly projectionSize: number;
  /** In multiples of the mean eigenvalue. */
  readonly relativeDamping: number;
}

export interface SelfInfluences {
  /** Of the whole ensemble, per training image. */
  readonly ensemble: Float64Array;
  /** Of its first model. */
  readonly single: Float64Array;
  /** Mean of 1 − p over the ensemble, which self-influence multiplies: what it would find without any gradient. */
  readonly residuals: Float64Array;
}

export async function trakSelfInfluence(
  tools: { readonly executor: Executor; readonly engine: MatrixEngine },
  { images, labels }: PlantedSet,
  recipe: TrakRecipe,
  seed: number,
): Promise<SelfInfluences> {
  const { pixels, normalization, trainRows } = images;
  const { classifier } = mlpRecipe;
  const { models, epochs, projectionSize, relativeDamping } = recipe;
  const settings = { ...mlpRecipe.settings, epochs, seed };
  const plan = {
    sampleCount: labels.length,
    subsetCount: models,
    share: MODEL_SHARE,
    seed,
    strata: [...labels],
  };
  const targets = Array.from(trainRows, (row) => ({ row, classIndex: labels[row]! }));
  const own: Float64Array[] = [];
  const residuals: Float32Array[] = [];
  for (const [place, mask] of drawSubsetMasks(plan).entries()) {
    const { parameters } = await trainClassifier(tools.executor, {
      ...{ classifier, origin: 'mlp', pixels, normalization, labels, settings },
      ...{ trainRows: trainRows.filter((row) => mask[row] === 1), validationRows: new Int32Array(0) },
      ...{ stream: `half ${place}`, checkpointPath: null },
    });
    const projection = { kind: 'fold', size: projectionSize, seed: seed * models + place } as const;
    const model = { classifier, parameters, normalization, pixels };
    const computer = new FeatureComputer(tools.executor, model, { outputFunction: 'margin', projection });
    const { features, side } = await computer.compute(targets);
    await computer.dispose();
    const train = [makeMatrix(targets.length, projectionSize, features)];
    const preconditioner = await fitPrimal(await gramOf(train, tools.engine), relativeDamping, tools.engine);
    own.push(await selfInfluence([{ preconditioner, train }], null));
    residuals.push(side['residuals']!);
  }
  const meanResiduals = meanWeights(residuals);
  const [leverages, first] = [meanWeights(own), own[0]!];
  return {
    ensemble: leverages.map((leverage, image) => leverage * meanResiduals[image]!),
    single: first.map((leverage, image) => leverage * residuals[0]![image]!),
    residuals: meanResiduals,
  };
}
