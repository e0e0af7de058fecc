/**
 * @file Group attribution by unlearning (GUDA, METHODS §2) on a DDPM trained here: ten classes of Fashion-MNIST as groups, queries that the whole model made, and the
 * truth from models trained without each group, several times over. Beside it gradient ascent, summed D-TRAK and TRAK, and similarity.
 */
import { aggregateScores, type Aggregation } from '../src/core/attribution/group/aggregate-scores.ts';
import {
  bootstrapDeviations,
  ceilingOf,
  chanceOf,
  judgeGroups,
  type GroupMetric,
} from '../src/core/attribution/group/group-metrics.ts';
import { chooseSteps, lostEvidence } from '../src/core/diffusion/evidence-bound.ts';
import type { MatrixEngine } from '../src/core/linalg/matrix-engine.ts';
import { zeros64, type Matrix64 } from '../src/core/linalg/matrix.ts';
import { UnlearningChoices } from '../src/contract/generation-configs.ts';
import { pixelImages } from '../src/engine/generating/clean-images.ts';
import { measureErrors } from '../src/engine/generating/query-errors.ts';
import type { QuerySet } from '../src/engine/generating/query-set.ts';
import { Unlearner } from '../src/engine/grouping/unlearn.ts';
import type { BenchOptions, BenchResult } from './bench.ts';
import { fashionClassCount } from './data/fashion-mnist.ts';
import { generatedQueries } from './diffusion/questions.ts';
import { studyScores, type ScoredBy } from './diffusion/scores.ts';
import { studyDenoiser, studySettings, withStudy, type StudyModels } from './diffusion/study.ts';

const MEASURED_STEPS = 50;
const RESAMPLES = 200;
/** Training here takes 1000 steps of 32 images: a twentieth of that leaves few steps, which have to be larger. */
const short = { batchSize: 16, learningRate: 1e-3 };
/** What more steps would bring. */
const long = { steps: 150, learningRate: 5e-4 };
const shown: readonly GroupMetric[] = ['topOne', 'reciprocalRank', 'gain3', 'weightedPairsOfTop', 'spearman'];

interface Sizes {
  readonly perClass: number;
  readonly queries: number;
  readonly trainingSteps: number;
  readonly unlearningSteps: number;
  readonly repeats: number;
}

const full: Sizes = {
  ...{ perClass: 25, queries: 128, trainingSteps: studySettings.steps, repeats: 3 },
  unlearningSteps: 45,
};
const quick: Sizes = { perClass: 4, queries: 8, trainingSteps: 20, unlearningSteps: 5, repeats: 2 };

interface Scored {
  readonly name: string;
  /** [queries, groups] */
  readonly scores: Matrix64;
  /** Of making what the scores are measured on; measuring takes the same for all that alter models. */
  readonly seconds: number;
}

export function run({ quick: isQuick, seed }: BenchOptions): Promise<BenchResult> {
  const sizes = isQuick ? quick : full;
  return withStudy(sizes, seed, async ({ models, engine, whole }) => {
    const queries = await generatedQueries(models, whole.average, sizes.queries, seed + 1);
    const meter = new Meter(models, queries, seed, await errorsOf(models, whole.average, queries, seed));
    const truth = await retrained(models, meter, sizes.repeats);
    const mean = meanOf(truth.repeats);
    const methods = [
      ...(await unlearned(models, meter, whole.average, engine, sizes, seed)),
      ...(await summed(models, queries, whole.parameters, engine)),
    ];
    return judge(methods, mean, truth, sizes, meter.seconds);
  });
}

function errorsOf(
  { executor }: StudyModels,
  parameters: Float32Array,
  queries: QuerySet,
  seed: number,
): Promise<Matrix64> {
  const steps = chooseSteps(studyDenoiser.schedule, MEASURED_STEPS, 'uniform');
  return measureErrors(executor, studyDenoiser, parameters, queries, { steps, seed });
}

/** What each query loses of its evidence under other parameters. */
class Meter {
  seconds = 0;
  readonly #models: StudyModels;
  readonly #queries: QuerySet;
  readonly #seed: number;
  readonly #whole: Matrix64;

  constructor(models: StudyModels, queries: QuerySet, seed: number, whole: Matrix64) {
    this.#models = models;
    this.#queries = queries;
    this.#seed = seed;
    this.#whole = whole;
  }

  get queryCount(): number {
    return this.#whole.rows;
  }

  async lost(parameters: Float32Array): Promise<Float64Array> {
    const start = performance.now();
    const without = await errorsOf(this.#models, parameters, this.#queries, this.#seed);
    this.seconds += (performance.now() - start) / 1000;
    const { schedule } = studyDenoiser;
    const steps = chooseSteps(schedule, MEASURED_STEPS, 'uniform');
    const part = ({ data, columns }: Matrix64, row: number): Float64Array =>
      data.subarray(row * columns, (row + 1) * columns);
    return Float64Array.from({ length: this.queryCount }, (_, row) =>
      lostEvidence(schedule, steps, part(this.#whole, row), part(without, row)),
    );
  }
}

const groups = Array.from({ length: fashionClassCount }, (_, group) => group);

/** Leave one group out: the model's recipe, its first parameters, and an order and noise of each repeat's own. */
async function retrained(
  models: StudyModels,
  meter: Meter,
  repeats: number,
): Promise<{ repeats: Matrix64[]; seconds: number }> {
  const { trainRows, labels } = models.data;
  const found: Matrix64[] = [];
  let seconds = 0;
  for (let repeat = 0; repeat < repeats; repeat++) {
    const scores = zeros64(meter.queryCount, groups.length);
    for (const group of groups) {
      const rows = trainRows.filter((row) => labels[row] !== group);
      const trained = await models.trainedOn(rows, `repeat ${repeat}`);
      if (repeat === 0) seconds += trained.seconds;
      setColumn(scores, group, await meter.lost(trained.average));
    }
    found.push(scores);
  }
  return { repeats: found, seconds };
}

async function unlearned(
  { executor, data }: StudyModels,
  meter: Meter,
  parameters: Float32Array,
  matrixEngine: MatrixEngine,
  { unlearningSteps: steps }: Sizes,
  seed: number,
): Promise<Scored[]> {
  const arms = [
    { name: 'GUDA', method: 'guda', target: 'softmax', forgetWeight: 1 },
    { name: 'GUDA, zero target as released', method: 'guda', target: 'zero-as-released', forgetWeight: 0.3 },
    { name: 'gradient ascent', method: 'ascent', target: 'softmax', forgetWeight: 0.03 },
    { name: 'no forget loss (control)', method: 'guda', target: 'softmax', forgetWeight: 0 },
    { ...long, name: 'GUDA, 150 steps', method: 'guda', target: 'softmax', forgetWeight: 1 },
  ] as const;
  const { pixels, trainRows, labels: classes } = data;
  const scored: Scored[] = [];
  for (const { name, ...arm } of arms) {
    const choices = { ...UnlearningChoices.parse({ ...short, steps, ...arm }), method: arm.method };
    const unlearner = new Unlearner({
      ...{
        executor,
        matrixEngine,
        denoiser: studyDenoiser,
        parameters,
        choices,
        images: pixelImages(pixels),
      },
      labels: new Int32Array(classes.length).fill(-1),
      prototypes: null,
    });
    const scores = zeros64(meter.queryCount, groups.length);
    let seconds = 0;
    for (const group of groups) {
      const start = performance.now();
      const forgotten = trainRows.filter((row) => classes[row] === group);
      const retained = trainRows.filter((row) => classes[row] !== group);
      const after = await unlearner.unlearn({ forgotten, retained, seed });
      seconds += (performance.now() - start) / 1000;
      setColumn(scores, group, await meter.lost(after));
    }
    await unlearner.dispose();
    process.stderr.write(`${name}: ${seconds.toFixed(0)} s\n`);
    scored.push({ name, scores, seconds });
  }
  return scored;
}

async function summed(
  models: StudyModels,
  queries: QuerySet,
  parameters: Float32Array,
  engine: MatrixEngine,
): Promise<Scored[]> {
  const { trainRows, labels } = models.data;
  const members = groups.map((group) =>
    Int32Array.from(trainRows.keys()).filter((place) => labels[trainRows[place]!] === group),
  );
  const arms = [
    { name: 'D-TRAK, summed', output: 'square', kernel: true, weigh: false, by: 'sum' },
    { name: 'TRAK, summed', output: 'loss', kernel: true, weigh: false, by: 'sum' },
    { name: 'DAS, summed', output: 'mean', kernel: true, weigh: true, by: 'sum' },
    { name: 'embedding similarity', output: 'embedding', kernel: false, weigh: false, by: 'mean' },
    { name: 'pixel similarity', output: 'pixels', kernel: false, weigh: false, by: 'mean' },
  ] as const satisfies readonly (ScoredBy & { readonly name: string; readonly by: Aggregation })[];
  const scored: Scored[] = [];
  for (const arm of arms) {
    const start = performance.now();
    const all = await studyScores(models, parameters, queries, engine, arm);
    scored.push({
      name: arm.name,
      scores: aggregateScores(all, members, arm.by),
      seconds: (performance.now() - start) / 1000,
    });
  }
  return scored;
}

function judge(
  methods: readonly Scored[],
  truth: Matrix64,
  { repeats, seconds: logoSeconds }: { repeats: readonly Matrix64[]; seconds: number },
  sizes: Sizes,
  measuringSeconds: number,
): BenchResult {
  const ceiling = ceilingOf(repeats);
  const chance = chanceOf(truth);
  const figures: Record<string, number> = {
    'ceiling: topOne': ceiling.topOne,
    'chance: topOne': chance.topOne,
    'LOGO seconds, one repeat': logoSeconds,
    'measuring seconds, all models': measuringSeconds,
    queries: sizes.queries,
    'LOGO repeats': repeats.length,
  };
  const row = (name: string, values: Readonly<Record<GroupMetric, number>>, seconds: string): string[] => [
    name,
    ...shown.map((metric) => values[metric].toFixed(3)),
    seconds,
  ];
  const table = [
    ['method', ...shown, 'seconds'],
    row('ceiling: LOGO against other seeds', ceiling, logoSeconds.toFixed(0)),
    row('chance', chance, ''),
  ];
  for (const { name, scores, seconds } of methods) {
    const judgement = judgeGroups(truth, scores);
    const deviations = bootstrapDeviations(judgement, RESAMPLES, 0);
    for (const metric of shown) {
      figures[`${name}: ${metric}`] = judgement.means[metric];
      figures[`${name}: ${metric} deviation`] = deviations[metric];
    }
    figures[`${name}: seconds`] = seconds;
    table.push(row(name, judgement.means, seconds.toFixed(0)));
  }
  figures['GUDA Top-1 of ceiling'] = figures['GUDA: topOne']! / ceiling.topOne;
  figures['LOGO over GUDA, seconds'] = logoSeconds / figures['GUDA: seconds']!;
  figures['GUDA over the best other, Top-1'] =
    figures['GUDA: topOne']! -
    Math.max(
      ...['D-TRAK, summed', 'embedding similarity', 'gradient ascent'].map(
        (name) => figures[`${name}: topOne`]!,
      ),
    );
  return {
    figures,
    goals: {
      'GUDA Top-1 of ceiling': 0.75,
      'LOGO over GUDA, seconds': 20,
      'GUDA over the best other, Top-1': 0,
    },
    table,
  };
}

function setColumn({ data, columns }: Matrix64, column: number, values: Float64Array): void {
  for (const [row, value] of values.entries()) data[row * columns + column] = value;
}

function meanOf(matrices: readonly Matrix64[]): Matrix64 {
  const mean = zeros64(matrices[0]!.rows, matrices[0]!.columns);
  for (const { data } of matrices)
    for (const [index, value] of data.entries()) mean.data[index]! += value / matrices.length;
  return mean;
}
