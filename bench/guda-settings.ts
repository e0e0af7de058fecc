/**
 * @file Which settings of unlearning bring how much at what cost: length, rate, batch, neighbours, weight, averaging over seeds. The truth is one retraining without each
 * group, on other queries than those of `guda`, which judges what was chosen here.
 */
import {
  bootstrapDeviations,
  judgeGroups,
  type GroupMetric,
} from '../src/core/attribution/group/group-metrics.ts';
import type { BenchOptions, BenchResult } from './bench.ts';
import { errorsOf, Meter, retrained, unlearned, type Arm } from './diffusion/group-study.ts';
import { generatedQueries } from './diffusion/questions.ts';
import { studySettings, withStudy } from './diffusion/study.ts';

const RESAMPLES = 200;
const shown: readonly GroupMetric[] = ['topOne', 'reciprocalRank', 'gain3', 'spearman'];

const softmax = { method: 'guda', target: 'softmax', steps: 45, batchSize: 16, learningRate: 1e-3 } as const;

const arms: readonly Arm[] = [
  { ...softmax, name: '45 steps of 16, rate 1e-3, 10 neighbours' },
  { ...softmax, name: '30 steps, rate 1.5e-3', steps: 30, learningRate: 1.5e-3 },
  { ...softmax, name: '20 steps, rate 2e-3', steps: 20, learningRate: 2e-3 },
  { ...softmax, name: '20 steps of 32, rate 2e-3', steps: 20, batchSize: 32, learningRate: 2e-3 },
  { ...softmax, name: '15 steps, rate 2e-3, three seeds', steps: 15, learningRate: 2e-3, repeats: 3 },
  { ...softmax, name: '50 neighbours', neighbours: 50 },
  { ...softmax, name: 'forget loss three times', forgetWeight: 3 },
  { ...softmax, name: 'standard retain loss', retainLoss: 'standard' },
];

const full = { perClass: 25, queries: 128, trainingSteps: studySettings.steps, arms };
const small = {
  ...{ perClass: 4, queries: 8, trainingSteps: 20 },
  arms: arms.slice(0, 2).map((arm) => ({ ...arm, steps: 3 })),
};

export function run({ quick, seed }: BenchOptions): Promise<BenchResult> {
  const sizes = quick ? small : full;
  return withStudy(sizes, seed, async ({ models, engine, whole }) => {
    const queries = await generatedQueries(models, whole.average, sizes.queries, seed + 2);
    const meter = new Meter(models, queries, seed, await errorsOf(models, whole.average, queries, seed));
    const truth = await retrained(models, meter, 1);
    const figures: Record<string, number> = { 'LOGO seconds': truth.seconds, queries: sizes.queries };
    const table = [['settings', ...shown, 'seconds', 'LOGO over it']];
    for (const arm of sizes.arms) {
      const { scores, seconds } = await unlearned(models, meter, whole.average, engine, arm, seed);
      const judgement = judgeGroups(truth.repeats[0]!, scores);
      const deviations = bootstrapDeviations(judgement, RESAMPLES, 0);
      for (const metric of shown) figures[`${arm.name}: ${metric}`] = judgement.means[metric];
      figures[`${arm.name}: topOne deviation`] = deviations.topOne;
      figures[`${arm.name}: seconds`] = seconds;
      const values = shown.map((metric) => judgement.means[metric].toFixed(3));
      table.push([arm.name, ...values, seconds.toFixed(1), (truth.seconds / seconds).toFixed(1)]);
    }
    return { figures, goals: {}, table };
  });
}
