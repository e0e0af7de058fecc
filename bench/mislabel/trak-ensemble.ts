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

const PROJECTION_SIZE = 512;
const MODEL_SHARE = 0.5;
/** In multiples of the mean eigenvalue. */
const RELATIVE_DAMPING = 0.1;

export interface SelfInfluences {
  /** Of the whole ensemble, per training image. */
  readonly ensemble: Float64Array;
  /** Of its first model. */
  readonly single: Float64Array;
  /** Of those models alone that had not learned the image: what was learned by heart has a residual near 0, and hides. */
  readonly outside: Float64Array;
}

export async function trakSelfInfluence(
  tools: { readonly executor: Executor; readonly engine: MatrixEngine },
  { images, labels }: PlantedSet,
  modelCount: number,
  seed: number,
): Promise<SelfInfluences> {
  const { pixels, normalization, trainRows } = images;
  const { classifier } = mlpRecipe;
  const settings = { ...mlpRecipe.settings, seed };
  const plan = {
    sampleCount: labels.length,
    subsetCount: modelCount,
    share: MODEL_SHARE,
    seed,
    strata: [...labels],
  };
  const masks = drawSubsetMasks(plan);
  const targets = Array.from(trainRows, (row) => ({ row, classIndex: labels[row]! }));
  const ownScores: Float64Array[] = [];
  const residuals: Float32Array[] = [];
  const outside = new Float64Array(labels.length);
  const outsideCounts = new Int32Array(labels.length);
  for (const [place, mask] of masks.entries()) {
    const { parameters } = await trainClassifier(tools.executor, {
      ...{ classifier, origin: 'mlp', pixels, normalization, labels, settings },
      ...{ trainRows: trainRows.filter((row) => mask[row] === 1), validationRows: new Int32Array(0) },
      ...{ stream: `half ${place}`, checkpointPath: null },
    });
    const projection = { kind: 'fold', size: PROJECTION_SIZE, seed: seed * modelCount + place } as const;
    const model = { classifier, parameters, normalization, pixels };
    const computer = new FeatureComputer(tools.executor, model, { outputFunction: 'margin', projection });
    const { features, side } = await computer.compute(targets);
    await computer.dispose();
    const train = [makeMatrix(targets.length, PROJECTION_SIZE, features)];
    const gram = await gramOf(train, tools.engine);
    const preconditioner = await fitPrimal(gram, RELATIVE_DAMPING, tools.engine);
    const own = await selfInfluence([{ preconditioner, train }], null);
    ownScores.push(own);
    residuals.push(side['residuals']!);
    for (const [image, score] of own.entries()) {
      if (mask[image] === 1) continue;
      outside[image]! += score * side['residuals']![image]!;
      outsideCounts[image]!++;
    }
  }
  const weigh = (scores: readonly Float64Array[], weights: readonly Float32Array[]): Float64Array => {
    const mean = meanWeights(weights);
    return mean.map((weight, image) => weight * scores.reduce((sum, own) => sum + own[image]!, 0));
  };
  return {
    outside: outside.map((sum, image) => sum / Math.max(1, outsideCounts[image]!)),
    ensemble: weigh(ownScores, residuals),
    single: weigh(ownScores.slice(0, 1), residuals.slice(0, 1)),
  };
}
