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
import type { MatrixEngine } from '../src/core/linalg/matrix-engine.ts';
import type { Matrix64 } from '../src/core/linalg/matrix.ts';
import type { QuerySet } from '../src/engine/generating/query-set.ts';
import type { BenchOptions, BenchResult } from './bench.ts';
import {
  errorsOf,
  groups,
  meanOf,
  Meter,
  retrained,
  trainingOverUnlearning,
  unlearned,
  type Arm,
  type Scored,
} from './diffusion/group-study.ts';
import { processorSeconds } from './diffusion/processor-time.ts';
import { generatedQueries } from './diffusion/questions.ts';
import { studyScores, type ScoredBy } from './diffusion/scores.ts';
import { studySettings, withStudy, type StudyModels } from './diffusion/study.ts';

const RESAMPLES = 200;
/** Chosen by the bench `guda-settings`, on other queries. */
const chosen = { steps: 20, batchSize: 16, learningRate: 2e-3 };
const gentle = { steps: 45, batchSize: 16, learningRate: 1e-3 };
const long = { steps: 150, batchSize: 16, learningRate: 5e-4 };
const arms: readonly Arm[] = [
  { ...chosen, name: 'GUDA', method: 'guda', target: 'softmax' },
  { ...gentle, name: 'GUDA, 45 steps', method: 'guda', target: 'softmax' },
  { ...long, name: 'GUDA, 150 steps', method: 'guda', target: 'softmax' },
  {
    ...{ ...gentle, name: 'GUDA, zero target as released', method: 'guda' },
    ...{ target: 'zero-as-released', forgetWeight: 0.3 },
  },
  { ...gentle, name: 'gradient ascent', method: 'ascent', forgetWeight: 0.03 },
  { ...chosen, name: 'no forget loss (control)', method: 'guda', target: 'softmax', forgetWeight: 0 },
];
const shown: readonly GroupMetric[] = ['topOne', 'reciprocalRank', 'gain3', 'weightedPairsOfTop', 'spearman'];

interface Sizes {
  readonly perClass: number;
  readonly queries: number;
  readonly trainingSteps: number;
  readonly repeats: number;
  readonly arms: readonly Arm[];
}

const full: Sizes = {
  ...{ perClass: 25, queries: 128, trainingSteps: studySettings.steps, repeats: 3, arms },
};
const quick: Sizes = {
  ...{ perClass: 4, queries: 8, trainingSteps: 20, repeats: 2 },
  arms: arms.map((arm) => ({ ...arm, steps: 5 })),
};

export function run({ quick: isQuick, seed }: BenchOptions): Promise<BenchResult> {
  const sizes = isQuick ? quick : full;
  return withStudy(sizes, seed, async ({ models, engine, whole }) => {
    const queries = await generatedQueries(models, whole.average, sizes.queries, seed + 1);
    const meter = new Meter(models, queries, seed, await errorsOf(models, whole.average, queries, seed));
    const truth = await retrained(models, meter, sizes.repeats);
    const mean = meanOf(truth.repeats);
    const methods: Scored[] = [];
    for (const arm of sizes.arms)
      methods.push(await unlearned(models, meter, whole.average, engine, arm, seed));
    methods.push(...(await summed(models, queries, whole.parameters, engine)));
    const [own] = sizes.arms;
    const ratio = await trainingOverUnlearning(models, whole.average, engine, own!, sizes.trainingSteps);
    return judge(methods, mean, truth, sizes, meter.seconds, ratio);
  });
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
    const { result, seconds } = await processorSeconds(() =>
      studyScores(models, parameters, queries, engine, arm),
    );
    scored.push({ name: arm.name, scores: aggregateScores(result, members, arm.by), seconds });
  }
  return scored;
}

function judge(
  methods: readonly Scored[],
  truth: Matrix64,
  { repeats, seconds: logoSeconds }: { repeats: readonly Matrix64[]; seconds: number },
  sizes: Sizes,
  measuringSeconds: number,
  timeRatio: number,
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
  figures['LOGO over GUDA, seconds'] = timeRatio;
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
