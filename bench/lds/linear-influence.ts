/** @file Influence functions by conjugate gradients on logistic regression, where training is nearly deterministic. */
import { averageOutputs, noiseCeiling } from '../../src/core/evaluation/linear-datamodeling-score.ts';
import type { MatrixEngine } from '../../src/core/linalg/matrix-engine.ts';
import { toFloat32, type Matrix } from '../../src/core/linalg/matrix.ts';
import { fitCurvature } from '../../src/engine/attributing/curvature/fit-curvature.ts';
import { readStudyImages, type StudySet, type StudySizes } from '../data/study-images.ts';
import { neverRead } from './ensembles.ts';
import { featuresOf } from './members.ts';
import { SubsetPredictor } from './predictions.ts';
import { linearRecipe } from './recipes.ts';
import type { Report } from './report.ts';
import { Judge } from './study.ts';
import { measureSubsets, type TruthSizes } from './subset-truth.ts';
import { TrainedModels } from './trained-models.ts';

/** Relative to the mean eigenvalue. 20 epochs stop far from the minimum, which is as if λ were large (early stop as ridge). */
const DAMPINGS = [1, 3, 10, 30, 100] as const;
const ITERATIONS = 50;

export async function linearInfluence(
  set: StudySet,
  sizes: StudySizes & TruthSizes,
  seed: number,
  engine: MatrixEngine,
  report: Report,
): Promise<void> {
  const images = await readStudyImages(set, sizes, seed);
  const models = new TrainedModels(images, linearRecipe, seed);
  const truth = await measureSubsets(models, sizes, seed);
  const judge = new Judge(averageOutputs(truth.losses), seed);
  const parameters = await models.parametersOf(images.trainRows, 'all');
  const whole = { kind: 'none', size: 0, seed: 0 } as const;
  const { train, queries } = await featuresOf(models, parameters, 'loss', whole, engine);
  const predictor = new SubsetPredictor(truth.masks, engine);
  const weightings = { one: new Float64Array(train.rows).fill(1) };
  const sums = toFloat32(await predictor.subsetSums(train, weightings));
  const dot = await predictor.ofProducts({ train, queries, seconds: 0 }, weightings);
  report.note(set, 'linear ceiling', noiseCeiling(truth.losses));
  report.add(set, { name: 'linear grad-dot', members: 1 }, judge, dot['one']!);
  const trials: { relative: number; predicted: Matrix; seconds: number }[] = [];
  for (const relative of DAMPINGS) {
    const start = performance.now();
    const member = {
      ...{ classifier: linearRecipe.classifier, parameters, pixels: images.pixels },
      normalization: images.normalization,
      learned: Array.from(images.trainRows, (row) => ({ row, classIndex: images.labels[row]! })),
      projection: null,
    };
    const settings = { relativeDamping: relative, iterations: ITERATIONS, weightDecay: 0, seed };
    const tools = { executor: models.executor, matrixEngine: engine, readPixels: neverRead };
    const context = { signal: new AbortController().signal, progress: () => undefined };
    const fitted = await fitCurvature('cg', member, settings, tools, context);
    // The inverse is symmetric: solving for the sums over subsets instead of the queries comes to the same, and there are fewer.
    const predicted = await (await fitted.prepare(sums)).scores(queries, 0);
    await fitted.dispose();
    trials.push({ relative, predicted, seconds: (performance.now() - start) / 1000 });
  }
  const tuned = trials.reduce((a, b) =>
    judge.tuningScore(b.predicted) > judge.tuningScore(a.predicted) ? b : a,
  );
  report.add(set, { ...tuned, name: 'linear if-cg', members: 1 }, judge, tuned.predicted);
}
