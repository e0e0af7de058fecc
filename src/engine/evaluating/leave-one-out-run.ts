/**
 * @file The run that leaves single images out: what that does to the queries, against the images' scores (METHODS §1.5). Telling only
 * where training is nearly deterministic, such as for a linear model; elsewhere the run says so.
 */
import { goodnessOf } from '../../core/evaluation/measured-outputs.ts';
import {
  leaveOneOutCeiling,
  leaveOneOutCorrelation,
  leaveOneOutDeviation,
  leaveOneOutNull,
} from '../../core/evaluation/leave-one-out.ts';
import { averageOutputs } from '../../core/evaluation/linear-datamodeling-score.ts';
import { Random } from '../../core/base/random.ts';
import { zeros64, type Matrix64 } from '../../core/linalg/matrix.ts';
import { AttributionChoices, type AttributionCost } from '../../contract/attribution-choices.ts';
import type { EvaluateLeaveOneOutConfig } from '../../contract/evaluation-configs.ts';
import { openAttribution } from '../attributing/attribution.ts';
import type { ComputeTools } from '../attributing/compute-tools.ts';
import type { LabelledRow } from '../attributing/loaded-model.ts';
import { partOf } from '../attributing/progress-part.ts';
import type { RunContext, RunSummary } from '../runs/run-context.ts';
import { saveEvaluations, type NewEvaluation } from '../storage/evaluations.ts';
import { readModel } from '../storage/models.ts';
import type { ProjectFolder } from '../storage/project-folder.ts';
import { addRunNotes } from '../storage/runs.ts';
import { attributionTitle } from '../../contract/attribution-title.ts';
import { drawQueries } from './draw-queries.ts';
import { withEvaluation, type EvaluationWork } from './evaluation-work.ts';
import { modelStream, retrainAndPredict } from './retrain.ts';

const RESAMPLES = 100;
const NULL_DRAWS = 20;
/** Share of the run's time that training takes, roughly. */
const TRAINING = 0.95;

const NOT_CONVEX =
  'Leaving single images out tells little about this network: what one image does is far smaller than the noise of training again, whatever the method. A linear datamodeling score (evaluate lds) tells more.';

export function leaveOneOutRun(
  folder: ProjectFolder,
  config: EvaluateLeaveOneOutConfig,
  context: RunContext,
  tools: ComputeTools,
): Promise<RunSummary> {
  return withEvaluation(folder, config, context, tools, async (work) => {
    const { connection } = folder;
    if (readModel(connection, work.model.id).architecture !== 'linear')
      addRunNotes(connection, context.runId, [NOT_CONVEX]);
    const queries = drawQueries(work.model, config.queryCount, config.seed);
    const order = new Random(config.seed, 'images left out').permutation(work.model.learned.length);
    const places = order.subarray(0, config.removals).sort();
    const effects = await measureEffects(work, config, queries, places);
    const choices = AttributionChoices.parse(config);
    const { scores, cost } = await scoresOf(work, choices, queries, places);
    const evaluation = evaluate(config, scores, effects);
    const { modelId, ...measured } = { modelId: work.model.id, ...evaluation };
    saveEvaluations(connection, context.runId, [
      { modelId, kind: 'loo', title: attributionTitle(choices), choices, ...measured, curves: [], cost },
    ]);
    const { score, deviation, ceiling, chance } = measured;
    return {
      modelId,
      score,
      deviation,
      ceiling,
      chanceDeviation: chance?.deviation ?? null,
      removals: places.length,
      queries: queries.length,
      cacheSeconds: cost.cacheSeconds,
      serveSeconds: cost.serveSeconds,
    };
  });
}

/** F(all) − F(all but one) [queries, removals], one matrix per repeat; both trainings of a repeat draw from the same stream. */
async function measureEffects(
  { model, retraining, context }: EvaluationWork,
  { repeats, measured }: EvaluateLeaveOneOutConfig,
  queries: readonly LabelledRow[],
  places: Int32Array,
): Promise<Matrix64[]> {
  const part = partOf(context, 0, TRAINING);
  const learned = Int32Array.from(model.learned, ({ row }) => row);
  const rows = Int32Array.from(queries, ({ row }) => row);
  const classes = queries.map(({ classIndex }) => classIndex);
  const total = repeats * (places.length + 1);
  let done = 0;
  const goodness = async (stage: string, trained: Int32Array, repeat: number): Promise<Float64Array> => {
    const report = (fraction: number): void => part.progress(stage, (done + fraction) / total);
    report(0);
    const stream = repeat === 0 ? modelStream : `repeat ${repeat}`;
    const logits = await retrainAndPredict(retraining, { rows: trained, stream, onProgress: report }, rows);
    done++;
    return goodnessOf(logits, classes, measured);
  };
  const effects: Matrix64[] = [];
  for (let repeat = 0; repeat < repeats; repeat++) {
    const whole = await goodness('Training on all images', learned, repeat);
    const effect = zeros64(queries.length, places.length);
    for (const [column, place] of places.entries()) {
      const others = learned.filter((_, other) => other !== place);
      const without = await goodness(`Leaving out image ${column + 1} of ${places.length}`, others, repeat);
      for (const [query, value] of whole.entries())
        effect.data[query * places.length + column] = value - without[query]!;
    }
    effects.push(effect);
  }
  return effects;
}

/** The scores of the images that are left out, [queries, removals]. */
async function scoresOf(
  { folder, model, tools, context }: EvaluationWork,
  choices: AttributionChoices,
  queries: readonly LabelledRow[],
  places: Int32Array,
): Promise<{ scores: Matrix64; cost: AttributionCost }> {
  const attribution = await openAttribution(folder, model, choices, partOf(context, TRAINING, 1), tools);
  try {
    const scores = zeros64(queries.length, places.length);
    const queryOf = new Map(queries.map(({ sampleId }, query) => [sampleId, query]));
    for await (const { targets, block } of attribution.scores(queries)) {
      const { columns, data } = block.scores;
      for (const [target, { sampleId }] of targets.entries())
        for (const [column, place] of places.entries()) {
          const inside = place - block.firstRow;
          if (inside < 0 || inside >= columns) continue;
          scores.data[queryOf.get(sampleId)! * places.length + column] = data[target * columns + inside]!;
        }
    }
    return { scores, cost: attribution.cost() };
  } finally {
    await attribution.dispose();
  }
}

function evaluate(
  config: EvaluateLeaveOneOutConfig,
  scores: Matrix64,
  repeats: readonly Matrix64[],
): Pick<NewEvaluation, 'score' | 'deviation' | 'ceiling' | 'chance' | 'figures'> {
  const effects = averageOutputs(repeats);
  const { score, dropped } = leaveOneOutCorrelation(scores, effects);
  return {
    // No image changes anything, or all have one score: that foresees nothing.
    score: dropped === scores.rows ? 0 : score,
    deviation: leaveOneOutDeviation(scores, effects, RESAMPLES, config.seed),
    ceiling: repeats.length < 2 ? null : orNull(leaveOneOutCeiling(repeats)),
    chance: dropped === scores.rows ? null : leaveOneOutNull(scores, effects, NULL_DRAWS, config.seed),
    figures: {
      removals: scores.columns,
      repeats: repeats.length,
      queries: scores.rows - dropped,
      'constant queries': dropped,
    },
  };
}

function orNull(value: number): number | null {
  return Number.isNaN(value) ? null : value;
}
