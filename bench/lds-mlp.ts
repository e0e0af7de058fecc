/**
 * @file LDS of TRAK, of inner products of gradients and of embeddings on a small MLP, and of influence functions on logistic regression: the
 * settings of the dattri benchmark (METHODS §7.1), on MNIST and Fashion-MNIST. Trainings are kept in the system's folder for temporary
 * files: a second run does not train again, so its seconds say nothing of them.
 */
import { averageOutputs } from '../src/core/evaluation/linear-datamodeling-score.ts';
import { makeMatrix, type Matrix } from '../src/core/linalg/matrix.ts';
import type { MatrixEngine } from '../src/core/linalg/matrix-engine.ts';
import { unitRows } from '../src/core/linalg/unit-rows.ts';
import { createOrtMatrixEngine } from '../src/engine/runtime/ort-matrix-engine.ts';
import type { Bench } from './bench.ts';
import { fashionMissing } from './data/fashion-mnist.ts';
import { studySets, type StudySet } from './data/study-images.ts';
import { linearInfluence } from './lds/linear-influence.ts';
import { featuresOf, productsOf, type MemberProducts } from './lds/members.ts';
import { SubsetPredictor, type Predicted } from './lds/predictions.ts';
import { mlpRecipe } from './lds/recipes.ts';
import { Report } from './lds/report.ts';
import { openStudy, type EnsembleStudySizes, type Study } from './lds/study.ts';
import { bestEnsemble, bestSingle, trakTrials, type Trial } from './lds/trak-trials.ts';

const goals = {
  'mnist trak-10': 0.41,
  'mnist trak-1': 0.14,
  'mnist trak-10 over trak-1': 0,
  'mnist trak-1 over grad-dot': 0,
  'mnist linear if-cg': 0.77,
};

interface Settings extends EnsembleStudySizes {
  /** k of the projections that are tried. */
  readonly features: readonly number[];
  readonly dampings: readonly number[];
}

const fullSettings: Settings = {
  ...{ train: 5000, queries: 500, subsets: 100, repeats: 3, members: 10 },
  features: [512, 2048, 4096],
  dampings: [0.1, 0.3, 1, 3, 10],
};
/** A kernel of all images is factorised for each. */
const WHOLE_DAMPINGS = [1, 3];
const quickSettings: Settings = {
  ...{ train: 1000, queries: 100, subsets: 12, repeats: 2, members: 2 },
  features: [512],
  dampings: [0.3, 3],
};

export const run: Bench = async ({ quick, seed }) => {
  const missing = fashionMissing();
  if (missing !== null) return { figures: {}, goals, table: [[missing]] };
  const settings = quick ? quickSettings : fullSettings;
  const engine = createOrtMatrixEngine();
  const report = new Report();
  try {
    for (const set of studySets) {
      const study = await openStudy(set, mlpRecipe, settings, seed);
      const trak = await reportTrak(set, study, settings, engine, report);
      const gradDot = await reportBaselines(set, study, engine, report);
      report.figure(`${set} trak-10 over trak-1`, trak.ensemble - trak.single);
      report.figure(`${set} trak-1 over grad-dot`, trak.single - gradDot);
      report.note(set, 'noise ceiling', study.ceiling);
      await linearInfluence(set, settings, seed, engine, report);
    }
  } finally {
    await engine.dispose();
  }
  return report.result(goals);
};

/** Size and damping are chosen on the queries that are not reported on. */
async function reportTrak(
  set: StudySet,
  study: Study,
  { features, dampings }: Settings,
  engine: MatrixEngine,
  report: Report,
): Promise<{ single: number; ensemble: number }> {
  const all: Trial[] = [];
  const count = study.members.length;
  const lineOf = (name: string, { size, relative }: Trial, members = count) => ({
    name,
    members,
    size,
    relative,
  });
  for (const size of features) {
    const { trials, featureSeconds } = await trakTrials(study, { kind: 'fold', size }, dampings, engine);
    all.push(...trials);
    const best = bestEnsemble(study, trials);
    const line = { ...lineOf(`trak-10, k = ${size}`, best), seconds: featureSeconds };
    report.add(set, line, study.judge, best.ensemble);
  }
  const [single, ensemble] = [bestSingle(study, all), bestEnsemble(study, all)];
  await reportBounds(set, study, ensemble, engine, report);
  return {
    ensemble: report.add(set, lineOf('trak-10', ensemble), study.judge, ensemble.ensemble).score,
    single: report.addMean(set, lineOf('trak-1', single, 1), study.judge, single.singles).score,
  };
}

/** What the projection loses, and what the way of measuring does to the figure. */
async function reportBounds(
  set: StudySet,
  study: Study,
  { ensemble, relative, size }: Trial,
  engine: MatrixEngine,
  report: Report,
): Promise<void> {
  const members = study.members.length;
  const line = { members, relative, size };
  const whole = bestEnsemble(study, (await trakTrials(study, 'whole', WHOLE_DAMPINGS, engine)).trials);
  const wholeLine = { ...line, relative: whole.relative, size: whole.size, name: 'trak-10, not projected' };
  report.add(set, wholeLine, study.judge, whole.ensemble);
  report.add(set, { ...line, name: 'trak-10, by one training' }, study.onceJudge, ensemble);
  report.add(set, { ...line, name: 'trak-10, by margins' }, study.marginJudge, ensemble);
}

/** Inner products of whole gradients of the loss, and of what the last layer sees. The score of Grad-Dot. */
async function reportBaselines(
  set: StudySet,
  study: Study,
  engine: MatrixEngine,
  report: Report,
): Promise<number> {
  const predictor = new SubsetPredictor(study.truth.masks, engine);
  const weightings = { one: new Float64Array(study.meanResiduals.length).fill(1) };
  const byMethod: Record<string, Matrix[]> = {};
  const add = (method: string, { one }: Predicted): number => (byMethod[method] ??= []).push(one!);
  const embedding = { kind: 'none', size: 0, seed: 0 } as const;
  for (const { parameters } of study.members) {
    const products = await productsOf(study.models, parameters, 'loss', engine);
    add('grad-dot', await predictor.ofScores(products.queries, weightings));
    add('grad-cos', await predictor.ofScores(cosines(products), weightings));
    const seen = await featuresOf(study.models, parameters, 'embedding', embedding, engine);
    add('embedding-dot', await predictor.ofProducts(seen, weightings));
    const unit = { ...seen, train: unitRows(seen.train), queries: unitRows(seen.queries) };
    add('embedding-cos', await predictor.ofProducts(unit, weightings));
  }
  let gradDot = 0;
  for (const [method, predicted] of Object.entries(byMethod)) {
    const { score } = report.addMean(set, { name: method, members: 1 }, study.judge, predicted);
    if (method === 'grad-dot') gradDot = score;
    // Of inner products this is TracIn as the dattri benchmark has it: models trained apart, with equal learning rates, for checkpoints.
    const name = method === 'grad-dot' ? 'tracin-10' : `${method}-10`;
    report.add(set, { name, members: predicted.length }, study.judge, averageOutputs(predicted));
  }
  return gradDot;
}

/** Lengths of the queries' gradients do not change a query's ranking, but the mean over members. */
function cosines({ train, queries, queryLengths }: MemberProducts): Matrix {
  const data = queries.data.map((product, at) => {
    const [query, image] = [Math.floor(at / queries.columns), at % queries.columns];
    const length = queryLengths[query]! * Math.sqrt(train.data[image * train.columns + image]!);
    return length === 0 ? 0 : product / length;
  });
  return makeMatrix(queries.rows, queries.columns, data);
}
