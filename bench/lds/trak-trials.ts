/** @file TRAK of a study under many dampings and projections: one member, and the ensemble of all of them. */
import { averageOutputs } from '../../src/core/evaluation/linear-datamodeling-score.ts';
import { mean } from '../../src/core/linalg/ranks.ts';
import type { Matrix } from '../../src/core/linalg/matrix.ts';
import type { MatrixEngine } from '../../src/core/linalg/matrix-engine.ts';
import type { Projection } from '../../src/core/nn/projection.ts';
import { featuresOf, productsOf } from './members.ts';
import { SubsetPredictor, type Predicted } from './predictions.ts';
import type { Study } from './study.ts';

/** One damping under one projection. */
export interface Trial {
  readonly size: number;
  readonly relative: number;
  /** Of each member by itself, weighed by its own Q. */
  readonly singles: readonly Matrix[];
  /** Mean of the members' kernels times the mean of their Q. */
  readonly ensemble: Matrix;
}

export interface Trials {
  readonly trials: readonly Trial[];
  /** To compute the features of all members. */
  readonly featureSeconds: number;
}

/** 'whole': inner products of gradients that were not projected. */
export type TrialProjection = Pick<Projection, 'kind' | 'size'> | 'whole';

/** Every member has a projection of its own. */
export async function trakTrials(
  study: Study,
  projection: TrialProjection,
  grid: readonly number[],
  engine: MatrixEngine,
): Promise<Trials> {
  const predictor = new SubsetPredictor(study.truth.masks, engine);
  const byMember: Predicted[][] = [];
  let featureSeconds = 0;
  for (const [index, { parameters, residuals }] of study.members.entries()) {
    const weightings = { own: residuals, mean: study.meanResiduals };
    if (projection === 'whole') {
      const products = await productsOf(study.models, parameters, 'margin', engine);
      featureSeconds += products.seconds;
      byMember.push(await predictor.ofKernel(products, grid, weightings));
      continue;
    }
    const seeded = { ...projection, seed: study.seed + 10_000 * index };
    const features = await featuresOf(study.models, parameters, 'margin', seeded, engine);
    featureSeconds += features.seconds;
    byMember.push(await predictor.ofFeatures(features, grid, weightings));
  }
  const trials = grid.map((relative, index): Trial => ({
    size: projection === 'whole' ? study.models.recipe.classifier.parameterCount : projection.size,
    relative,
    singles: byMember.map((trials) => trials[index]!['own']!),
    ensemble: averageOutputs(byMember.map((trials) => trials[index]!['mean']!)),
  }));
  return { trials, featureSeconds };
}

/** The trial whose ensemble ranks best on the queries that choose. */
export function bestEnsemble({ judge }: Study, trials: readonly Trial[]): Trial {
  return best(trials, ({ ensemble }) => judge.tuningScore(ensemble));
}

/** The trial whose members by themselves rank best there, on the average. */
export function bestSingle({ judge }: Study, trials: readonly Trial[]): Trial {
  return best(trials, ({ singles }) => mean(singles.map((single) => judge.tuningScore(single))));
}

function best<Item>(items: readonly Item[], scoreOf: (item: Item) => number): Item {
  const scores = items.map(scoreOf);
  return items[scores.indexOf(Math.max(...scores))]!;
}
