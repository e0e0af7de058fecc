/**
 * @file D-TRAK beside TRAK and other methods on a DDPM trained here (METHODS §3): linear datamodeling scores for generated and for held-out images against
 * models trained on half of the images, the curve over the damping, and the output functions one by one.
 */
import { fitPreconditioner, identityPreconditioner } from '../src/core/attribution/preconditioner.ts';
import { meanWeights, scoreQueries } from '../src/core/attribution/score-queries.ts';
import { chooseSteps } from '../src/core/diffusion/evidence-bound.ts';
import type { DiffusionOutput } from '../src/core/diffusion/output-functions.ts';
import { LdsJudge } from '../src/core/evaluation/lds-judge.ts';
import { drawSubsetMasks } from '../src/core/evaluation/subset-masks.ts';
import { selectColumns, splitQueries } from '../src/core/evaluation/tune-damping-by-lds.ts';
import type { MatrixEngine } from '../src/core/linalg/matrix-engine.ts';
import { makeMatrix, zeros64, type Matrix, type Matrix64 } from '../src/core/linalg/matrix.ts';
import { unitRows } from '../src/core/linalg/unit-rows.ts';
import { measureErrors } from '../src/engine/generating/query-errors.ts';
import type { QuerySet } from '../src/engine/generating/query-set.ts';
import type { BenchOptions, BenchResult } from './bench.ts';
import { studyFeatures, type StudyFeatures } from './diffusion/features.ts';
import { generatedQueries, realQueries } from './diffusion/questions.ts';
import {
  studyDenoiser,
  studySettings,
  withStudy,
  type StudyModels,
  type TrainedPair,
} from './diffusion/study.ts';

/** Multiples of the mean non-zero eigenvalue. */
const DAMPINGS = [1e-4, 1e-3, 1e-2, 3e-2, 1e-1, 3e-1, 1, 3, 10, 100];
const PROJECTION = 2048;
const MEASURED_STEPS = 50;

interface Sizes {
  readonly perClass: number;
  readonly subsets: number;
  readonly queries: number;
  readonly trainingSteps: number;
}

const full: Sizes = { perClass: 50, subsets: 32, queries: 64, trainingSteps: studySettings.steps };
const quick: Sizes = { perClass: 4, subsets: 6, queries: 8, trainingSteps: 20 };

interface Trial {
  readonly damping: number | null;
  /** Predicted outputs [masks of the judge, queries]. */
  readonly predicted: Matrix64;
}

interface Study {
  readonly name: 'generated' | 'held-out';
  readonly queries: QuerySet;
  readonly judge: LdsJudge;
  /** The same on the queries that choose a damping, and on the others. */
  readonly tuning: LdsJudge;
  readonly reported: LdsJudge;
  readonly tuningQueries: Int32Array;
  readonly reportedQueries: Int32Array;
}

export function run({ quick: isQuick, seed }: BenchOptions): Promise<BenchResult> {
  const sizes = isQuick ? quick : full;
  return withStudy(sizes, seed, async ({ models, engine, whole }) => {
    const { data } = models;
    const generated = await generatedQueries(models, whole.average, sizes.queries, seed + 1);
    const heldOut = realQueries(models, spread(data.heldOutRows, sizes.queries));
    const studies = await measure(models, sizes, seed, { generated, 'held-out': heldOut });
    const table: string[][] = [['method', 'K', 'queries', 'LDS', '±', 'damping', 'chance', 'feature s']];
    const figures: Record<string, number> = {};
    const featuresOf = rememberedFeatures(models, whole, studies, seed);
    for (const arm of methods(isQuick)) {
      const { title, timesteps, kernel } = arm;
      for (const study of studies) {
        const features = (await featuresOf(arm))[study.name];
        const trials = await tryDampings(features, study, { ...arm, engine });
        const best = report(trials, study);
        const key = `${title}, ${study.name}`;
        figures[`${key}: LDS`] = best.score;
        figures[`${key}: deviation`] = best.deviation;
        if (kernel)
          for (const { damping, score } of best.curve) figures[`${key}: LDS at damping ${damping}`] = score;
        table.push([
          title,
          String(timesteps),
          study.name,
          best.score.toFixed(3),
          best.deviation.toFixed(3),
          best.damping === null ? '' : String(best.damping),
          best.chance.toFixed(3),
          features.trainSeconds.toFixed(0),
        ]);
        process.stderr.write(`${key}: ${best.score.toFixed(3)} ± ${best.deviation.toFixed(3)}\n`);
      }
    }
    const [ofDtrak, ofTrak] = ['D-TRAK, generated: LDS', 'TRAK, generated: LDS'].map((key) => figures[key]!);
    figures['D-TRAK over TRAK, generated'] = ofDtrak! / Math.max(ofTrak!, 1e-9);
    figures['training seconds of one model'] = whole.seconds;
    figures['training images'] = data.trainRows.length;
    figures['subsets'] = sizes.subsets;
    for (const { name, judge } of studies)
      if (judge.ceiling !== null) figures[`ceiling, ${name}`] = judge.ceiling;
    return { figures, goals: { 'D-TRAK over TRAK, generated': 1.5 }, table };
  });
}

type FeaturesOfStudies = Readonly<Record<Study['name'], StudyFeatures>>;

/** Of the queries of both studies at once; methods that differentiate the same share them. */
function rememberedFeatures(
  models: StudyModels,
  whole: TrainedPair,
  studies: readonly Study[],
  seed: number,
): (arm: MethodArm) => Promise<FeaturesOfStudies> {
  const kept = new Map<string, FeaturesOfStudies>();
  const all: QuerySet = {
    keys: studies.flatMap(({ queries }) => queries.keys),
    images: studies.flatMap(({ queries }) => queries.images),
    classIndices: studies.flatMap(({ queries }) => queries.classIndices),
  };
  return async ({ output, timesteps, weights, size }) => {
    const key = [output, timesteps, weights, size].join(' ');
    const there = kept.get(key);
    if (there !== undefined) return there;
    const projection =
      output === 'pixels' || output === 'embedding'
        ? ({ kind: 'none', size: 0, seed } as const)
        : ({ kind: 'fold', size, seed } as const);
    const parameters = weights === 'raw' ? whole.parameters : whole.average;
    const found = await studyFeatures(models, parameters, all, output, timesteps, projection);
    let first = 0;
    const entries = studies.map(({ name, queries }) => {
      const rows = queries.keys.length;
      const { columns, data } = found.queries;
      const own = makeMatrix(rows, columns, data.slice(first * columns, (first + rows) * columns));
      first += rows;
      return [name, { ...found, queries: own }] as const;
    });
    const features = Object.fromEntries(entries) as unknown as FeaturesOfStudies;
    kept.set(key, features);
    return features;
  };
}

interface MethodArm {
  readonly title: string;
  readonly output: DiffusionOutput | 'pixels' | 'embedding';
  readonly timesteps: number;
  readonly kernel: boolean;
  readonly length: 'kept' | 'unit';
  readonly weigh: boolean;
  readonly weights: 'raw' | 'average';
  /** k */
  readonly size: number;
}

function methods(isQuick: boolean): MethodArm[] {
  const plain: Omit<MethodArm, 'title' | 'output'> = {
    ...{ timesteps: isQuick ? 2 : 10, kernel: true, length: 'kept', weigh: false },
    ...{ weights: 'raw', size: PROJECTION },
  };
  const pair = (what: string, change: Partial<MethodArm>): MethodArm[] =>
    (['square', 'loss'] as const).map((output) => ({
      ...plain,
      ...change,
      title: `${output === 'square' ? 'D-TRAK' : 'TRAK'}, ${what}`,
      output,
    }));
  const outputs = (['weighted-loss', 'mean', 'l1', 'l2', 'linf'] as const).map((output) => ({
    ...plain,
    title: `f = ${output}`,
    output,
  }));
  return [
    { ...plain, title: 'D-TRAK', output: 'square' },
    { ...plain, title: 'TRAK', output: 'loss' },
    { ...plain, title: 'DAS', output: 'mean', weigh: true },
    ...(isQuick
      ? []
      : [
          ...outputs,
          ...pair('averaged weights', { weights: 'average' }),
          ...pair('8192 features', { size: 8192 }),
          ...pair('50 steps of time', { timesteps: 50 }),
        ]),
    { ...plain, title: 'Grad-Dot', output: 'loss', kernel: false },
    { ...plain, title: 'Grad-Cos', output: 'loss', kernel: false, length: 'unit' },
    { ...plain, title: 'Pixels (cosine)', output: 'pixels', timesteps: 1, kernel: false, length: 'unit' },
    { ...plain, title: 'Embedding (cosine)', output: 'embedding', kernel: false, length: 'unit' },
  ];
}

/** Goodness of the queries under a model of each subset: minus the mean squared error over steps of time, under common noise. */
async function measure(
  models: StudyModels,
  sizes: Sizes,
  seed: number,
  asked: Readonly<Record<Study['name'], QuerySet>>,
): Promise<Study[]> {
  const { trainRows, labels } = models.data;
  const strata = Array.from(trainRows, (row) => labels[row]!);
  const masks = drawSubsetMasks({
    ...{ sampleCount: trainRows.length, subsetCount: sizes.subsets, share: 0.5, seed, strata },
  });
  const steps = chooseSteps(studyDenoiser.schedule, MEASURED_STEPS, 'uniform');
  const names = ['generated', 'held-out'] as const;
  const measured = {
    generated: zeros64(masks.length, sizes.queries),
    'held-out': zeros64(masks.length, sizes.queries),
  };
  for (const [subset, mask] of masks.entries()) {
    const rows = trainRows.filter((_, place) => mask[place] === 1);
    const { average } = await models.trainedOn(rows, 'repeat 0');
    for (const name of names) {
      const errors = await measureErrors(models.executor, studyDenoiser, average, asked[name], {
        steps,
        seed,
      });
      for (let query = 0; query < sizes.queries; query++) {
        const own = errors.data.subarray(query * steps.length, (query + 1) * steps.length);
        measured[name].data[subset * sizes.queries + query] = -own.reduce((sum, error) => sum + error, 0);
      }
    }
  }
  const { tuningQueries, reportedQueries } = splitQueries(sizes.queries, { tuningShare: 0.25, seed });
  return names.map((name) => {
    const judgeOf = (queries: Int32Array): LdsJudge =>
      new LdsJudge(masks, [selectColumns(measured[name], queries)], seed);
    return {
      ...{ name, queries: asked[name], tuningQueries, reportedQueries },
      judge: new LdsJudge(masks, [measured[name]], seed),
      tuning: judgeOf(tuningQueries),
      reported: judgeOf(reportedQueries),
    };
  });
}

/** Predicted outputs under each damping, or under none. */
async function tryDampings(
  features: StudyFeatures,
  { judge }: Study,
  {
    kernel,
    length,
    weigh,
    engine,
  }: Pick<MethodArm, 'kernel' | 'length' | 'weigh'> & { engine: MatrixEngine },
): Promise<Trial[]> {
  const train = length === 'unit' ? unitRows(features.train) : features.train;
  const queries = length === 'unit' ? unitRows(features.queries) : features.queries;
  const weights = weigh ? meanWeights([features.residuals]) : null;
  const trials: Trial[] = [];
  for (const damping of kernel ? DAMPINGS : [null]) {
    const preconditioner =
      damping === null
        ? identityPreconditioner(engine)
        : await fitPreconditioner([train], damping, engine, { rows: train.rows, columns: train.columns });
    const prepared = await preconditioner.prepare(queries);
    const predicted = zeros64(judge.masks.length, queries.rows);
    for await (const { firstRow, scores } of scoreQueries([{ queries: prepared, train: [train] }], weights))
      addSums(predicted, judge.masks, scores, firstRow);
    trials.push({ damping, predicted });
  }
  return trials;
}

function addSums(predicted: Matrix64, masks: readonly Uint8Array[], scores: Matrix, firstRow: number): void {
  for (const [index, mask] of masks.entries())
    for (let query = 0; query < scores.rows; query++)
      for (let column = 0; column < scores.columns; column++)
        if (mask[firstRow + column] === 1)
          predicted.data[index * predicted.columns + query]! += scores.data[query * scores.columns + column]!;
}

/** The damping that some queries choose, on the others. */
function report(trials: readonly Trial[], study: Study) {
  const on = (queries: Int32Array, { predicted }: Trial): Matrix => selectColumns(predicted, queries);
  const curve = trials.map((trial) => ({
    trial,
    tuning: study.tuning.judge(on(study.tuningQueries, trial)).score,
  }));
  const best = curve.reduce((left, right) => (right.tuning > left.tuning ? right : left));
  const { score, deviation, chance } = study.reported.judge(on(study.reportedQueries, best.trial));
  return {
    score,
    deviation,
    chance: chance.mean,
    damping: best.trial.damping,
    curve: trials.map((trial) => ({
      damping: trial.damping,
      score: study.reported.judge(on(study.reportedQueries, trial)).score,
    })),
  };
}

/** So many of the rows, evenly spread. */
function spread(rows: Int32Array, count: number): Int32Array {
  return Int32Array.from({ length: count }, (_, index) => rows[Math.floor((index * rows.length) / count)]!);
}
