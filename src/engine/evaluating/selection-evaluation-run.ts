/** @file The run that compares strategies of selection at one budget, by training again, with the spread of random subsets beside them. */
import { AppError } from '../../core/base/app-error.ts';
import { AttributionChoices } from '../../contract/attribution-choices.ts';
import type { EvaluateSelectionConfig, SelectionStrategy } from '../../contract/selection-config.ts';
import { strategyWords } from '../../contract/strategy-words.ts';
import type { MeasuredAccuracy } from '../../contract/subsets-service.ts';
import type { ComputeTools } from '../attributing/compute-tools.ts';
import { loadModel } from '../attributing/loaded-model.ts';
import { partOf } from '../attributing/progress-part.ts';
import { pinModel } from '../runs/pinned-model.ts';
import type { RunContext, RunSummary } from '../runs/run-context.ts';
import { requireSameData } from '../runs/same-data.ts';
import { gatherCandidates } from '../selecting/candidates.ts';
import { choose, type Chosen } from '../selecting/choose.ts';
import { withSelectionMeter, type SelectionMeter } from '../selecting/measure-selection.ts';
import type { SelectionWork } from '../selecting/selection-work.ts';
import { saveEvaluations, type NewEvaluation } from '../storage/evaluations.ts';
import type { ProjectFolder } from '../storage/project-folder.ts';
import { hashSamples } from '../training/training-set.ts';

/** Choosing has the first part of the progress: trainings take the longest. */
const CHOOSING_SHARE = 0.2;

type Strategy = Exclude<SelectionStrategy, 'random'>;

interface Measured {
  readonly strategy: Strategy;
  readonly chosen: Chosen;
  readonly accuracy: MeasuredAccuracy;
  /** From the other end of the ranking: one that means something leaves random between the two. */
  readonly opposite: MeasuredAccuracy;
}

export async function selectionEvaluationRun(
  folder: ProjectFolder,
  config: EvaluateSelectionConfig,
  context: RunContext,
  tools: ComputeTools,
): Promise<RunSummary> {
  const { connection } = folder;
  const modelId = pinModel(connection, context.runId, config.modelId);
  const model = await loadModel(folder, modelId, context, tools.readPixels);
  try {
    requireSameData(connection, context.runId, hashSamples(model.samples));
    await tools.settleProvider?.({ network: model.classifier, parameters: model.parameters });
    const candidates = gatherCandidates(connection, model);
    const work = { folder, choices: config, model, candidates, context, tools };
    const trainings = config.repeats * (1 + 2 * rankedBy(config).length);
    return await withSelectionMeter(
      { ...work, context: partOf(context, CHOOSING_SHARE, 1) },
      trainings,
      (meter) => compare(work, meter, config, context),
    );
  } finally {
    model.pixels.close();
  }
}

/** Random drawing is what the others are measured beside. */
function rankedBy({ strategies }: EvaluateSelectionConfig): Strategy[] {
  return strategies.filter((strategy): strategy is Strategy => strategy !== 'random');
}

async function compare(
  work: SelectionWork,
  meter: SelectionMeter,
  config: EvaluateSelectionConfig,
  context: RunContext,
): Promise<RunSummary> {
  const strategies = rankedBy(config);
  const { repeats, share } = config;
  const chosen = await chooseByAll(work, strategies, context);
  const random = await meter.controls(repeats);
  const everything = await meter.everything();
  const measured: Measured[] = [];
  for (const [strategy, found] of chosen) {
    const name = `subset by ${strategyWords[strategy].title.toLowerCase()}`;
    measured.push({
      strategy,
      chosen: found,
      accuracy: await meter.accuracy(name, () => found.places, repeats),
      opposite: await meter.accuracy(`other end of the ${name}`, () => found.opposite, repeats),
    });
  }
  const evaluations = measured.map((one) => toEvaluation(work, one, random, everything));
  saveEvaluations(work.folder.connection, context.runId, [
    ...evaluations,
    randomEvaluation(work, random, everything),
  ]);
  const best = measured.toSorted((a, b) => b.accuracy.mean - a.accuracy.mean)[0];
  return {
    modelId: work.model.id,
    strategies: measured.length,
    leftOut: strategies.filter((strategy) => !chosen.has(strategy)).join(', ') || null,
    share,
    bestStrategy: best?.strategy ?? null,
    bestAccuracy: best?.accuracy.mean ?? null,
    randomAccuracy: random.mean,
    randomDeviation: random.deviation,
    everythingAccuracy: everything.mean,
  };
}

/** A strategy that cannot be used with this model is left out, unless it was the only one asked for. */
async function chooseByAll(
  work: SelectionWork,
  strategies: readonly Strategy[],
  context: RunContext,
): Promise<ReadonlyMap<Strategy, Chosen>> {
  const chosen = new Map<Strategy, Chosen>();
  const stretch = CHOOSING_SHARE / strategies.length;
  for (const [place, strategy] of strategies.entries()) {
    const part = partOf(context, stretch * place, stretch * (place + 1));
    try {
      chosen.set(strategy, await choose(strategy, { ...work, context: part }));
    } catch (error) {
      const isUnavailable = error instanceof AppError && error.code === 'subset-strategy-unavailable';
      if (!isUnavailable || strategies.length === 1) throw error;
    }
  }
  return chosen;
}

function toEvaluation(
  work: SelectionWork,
  { strategy, chosen, accuracy, opposite }: Measured,
  random: MeasuredAccuracy,
  everything: MeasuredAccuracy,
): NewEvaluation {
  const { share } = work.choices;
  const usesAttribution = strategy === 'influence' || strategy === 'self-influence';
  const point = (x: number, { mean: y, deviation, repeats }: MeasuredAccuracy) => ({
    ...{ x, y },
    deviation: repeats < 2 ? null : deviation,
  });
  return {
    ...common(work, accuracy, random, everything),
    title: `${strategyWords[strategy].title}, ${Math.round(share * 100)} % of the images, ${chosen.keep} scores kept`,
    choices: usesAttribution ? AttributionChoices.parse(work.choices) : null,
    figures: {
      ...shareFigures(work, accuracy),
      'accuracy of the other end': opposite.mean,
      'deviation of the other end': opposite.deviation,
    },
    curves: [
      { name: 'chosen', points: [point(share, accuracy), point(1, everything)] },
      { name: 'the other end', points: [point(share, opposite), point(1, everything)] },
      { name: 'random', points: [point(share, random), point(1, everything)] },
    ],
  };
}

function randomEvaluation(
  work: SelectionWork,
  random: MeasuredAccuracy,
  everything: MeasuredAccuracy,
): NewEvaluation {
  return {
    ...common(work, random, random, everything),
    title: `Random, ${Math.round(work.choices.share * 100)} % of the images`,
    choices: null,
    figures: shareFigures(work, random),
    curves: [],
  };
}

function common(
  { model }: SelectionWork,
  { mean: score, deviation }: MeasuredAccuracy,
  random: MeasuredAccuracy,
  everything: MeasuredAccuracy,
) {
  return {
    modelId: model.id,
    kind: 'selection' as const,
    score,
    deviation,
    ceiling: everything.mean,
    chance: { mean: random.mean, deviation: random.deviation },
    cost: null,
  };
}

function shareFigures(
  { choices, candidates }: SelectionWork,
  { repeats }: MeasuredAccuracy,
): Record<string, number> {
  return { share: choices.share, candidates: candidates.images.length, repeats };
}
