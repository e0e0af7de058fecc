/**
 * @file The run that measures how well ways to score groups rank them as training without each group does (METHODS §1.8): the same trainings for all ways,
 * beside chance and beside what one training says of the others.
 */
import {
  bootstrapDeviations,
  ceilingOf,
  chanceOf,
  judgeGroups,
  type MetricValues,
  type RankMetric,
} from '../../../core/attribution/group/group-metrics.ts';
import { averageOutputs } from '../../../core/evaluation/linear-datamodeling-score.ts';
import { rowBlock, type Matrix64 } from '../../../core/linalg/matrix.ts';
import { AppError } from '../../../core/base/app-error.ts';
import type { AttributionCost } from '../../../contract/attribution-choices.ts';
import { AttributeGroupsConfig, type GroupMethod } from '../../../contract/generation-configs.ts';
import type { EvaluateGroupsConfig } from '../../../contract/generation-evaluation-configs.ts';
import type { GroupMetricName } from '../../../contract/evaluation-words.ts';
import { groupMethodWords } from '../../../contract/generation-words.ts';
import type { ComputeTools } from '../../attributing/compute-tools.ts';
import { partOf } from '../../attributing/progress-part.ts';
import type { GroupWork } from '../../grouping/group-work.ts';
import { learnedGroups } from '../../grouping/learned-groups.ts';
import { scoreGroups } from '../../grouping/score-groups.ts';
import { settleTarget } from '../../grouping/unlearning-target.ts';
import type { RunContext, RunSummary } from '../../runs/run-context.ts';
import { saveEvaluations, type NewEvaluation } from '../../storage/evaluations.ts';
import type { ProjectFolder } from '../../storage/project-folder.ts';
import { withGenerativeEvaluation } from './generative-work.ts';

/** Share of the run's time that training without the groups takes, roughly. */
const TRAINING = 0.8;
const RESAMPLES = 1000;

/** What is told of each way, by the name under which it is kept. */
const toldMetrics: Readonly<Record<GroupMetricName, RankMetric>> = {
  'Top-1': 'topOne',
  MRR: 'reciprocalRank',
  'NDCG@3': 'gain3',
  WPRA: 'weightedPairsOfTop',
  Spearman: 'spearman',
  RBO: 'rankBiasedOverlap',
};

interface GroupTruth {
  /** Scores by training without each group, [queries, groups]: the mean over the repeats. */
  readonly mean: Matrix64;
  readonly ceiling: MetricValues;
  readonly chance: MetricValues;
  readonly seconds: number;
}

export function groupsEvaluationRun(
  folder: ProjectFolder,
  config: EvaluateGroupsConfig,
  context: RunContext,
  tools: ComputeTools,
): Promise<RunSummary> {
  return withGenerativeEvaluation(folder, config, context, tools, async ({ model, queries }) => {
    const groups = learnedGroups(folder, model, config.groups);
    if (groups.length < 2)
      throw new AppError('groups-missing', { reason: 'there is one, and ranking takes two' });
    // Better now than after all the trainings.
    const target = config.methods.includes('guda') ? settleTarget(config.target, model.denoiser) : 'auto';
    const workFor = (method: GroupMethod, repeats: number, part: GroupWork['context']): GroupWork => ({
      ...{ folder, tools, model, queries, groups },
      config: AttributeGroupsConfig.parse({ ...config, target, method, repeats, controls: 0 }),
      context: part,
    });
    const truth = await measureTruth(workFor('logo', config.repeats, partOf(context, 0, TRAINING)));
    const evaluations: NewEvaluation[] = [];
    const stretch = (1 - TRAINING) / config.methods.length;
    for (const [index, method] of config.methods.entries()) {
      const from = TRAINING + index * stretch;
      const work = workFor(method, 1, partOf(context, from, from + stretch));
      evaluations.push(await judgeMethod(work, config, truth));
    }
    saveEvaluations(folder.connection, context.runId, evaluations);
    const best = evaluations.reduce((left, right) => (right.score > left.score ? right : left));
    return {
      modelId: model.id,
      best: best.title,
      score: best.score,
      deviation: best.deviation,
      ceiling: truth.ceiling.topOne,
      chance: truth.chance.topOne,
      groups: groups.length,
      queries: queries.length,
      retrainingSeconds: truth.seconds,
    };
  });
}

async function measureTruth(work: GroupWork): Promise<GroupTruth> {
  const { repeats, cost } = await scoreGroups(work);
  // What is measured beside the queries is no part of the truth about them.
  const ofQueries = repeats.map((repeat) => rowBlock(repeat, 0, work.queries.length));
  const mean = averageOutputs(ofQueries);
  return { mean, ceiling: ceilingOf(ofQueries), chance: chanceOf(mean), seconds: secondsOf(cost) };
}

async function judgeMethod(
  work: GroupWork,
  { repeats, seed }: EvaluateGroupsConfig,
  truth: GroupTruth,
): Promise<NewEvaluation> {
  const { config, model, queries, groups } = work;
  const { scored, cost } = await scoreGroups(work);
  const predicted = rowBlock(scored.scores, 0, queries.length);
  const judgement = judgeGroups(truth.mean, predicted);
  const deviations = bootstrapDeviations(judgement, RESAMPLES, seed);
  const byChance = truth.chance.topOne;
  return {
    modelId: model.id,
    kind: 'groups',
    title: groupMethodWords[config.method].title,
    choices: null,
    score: judgement.means.topOne,
    deviation: deviations.topOne,
    ceiling: truth.ceiling.topOne,
    // Queries are guessed one by one.
    chance: { mean: byChance, deviation: Math.sqrt((byChance * (1 - byChance)) / queries.length) },
    figures: {
      ...{ groups: groups.length, queries: queries.length, repeats },
      ...metricFigures(judgement.means, deviations, truth),
      seconds: secondsOf(cost),
      'seconds of training without each group': truth.seconds,
    },
    curves: [],
    cost,
  };
}

/** Of each metric the value, its spread, what chance gives and what another training reaches; none that is not defined. */
function metricFigures(
  means: MetricValues,
  deviations: MetricValues,
  { ceiling, chance }: GroupTruth,
): Record<string, number> {
  const entries = Object.entries(toldMetrics).flatMap(([name, metric]) => [
    [name, means[metric]] as const,
    [`${name} ±`, deviations[metric]] as const,
    [`${name} by chance`, chance[metric]] as const,
    [`${name} ceiling`, ceiling[metric]] as const,
  ]);
  return Object.fromEntries(entries.filter(([, value]) => Number.isFinite(value)));
}

function secondsOf({ trainSeconds, cacheSeconds, serveSeconds }: AttributionCost): number {
  return trainSeconds + cacheSeconds + serveSeconds;
}
