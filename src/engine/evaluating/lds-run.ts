/**
 * @file The run that measures a linear datamodeling score: subsets are trained on, and the sums of the scores must rank them as the trained
 * models do (METHODS §1.4). The trainings are the ground truth of every method on the model and are kept apart from it.
 */
import { attributionTitle } from '../../contract/attribution-title.ts';
import { LdsJudge } from '../../core/evaluation/lds-judge.ts';
import { averageOutputs } from '../../core/evaluation/linear-datamodeling-score.ts';
import { selectColumns, splitQueries } from '../../core/evaluation/tune-damping-by-lds.ts';
import { AttributionChoices } from '../../contract/attribution-choices.ts';
import type { EvaluateLdsConfig } from '../../contract/evaluation-configs.ts';
import type { ComputeTools } from '../attributing/compute-tools.ts';
import type { LabelledRow } from '../attributing/loaded-model.ts';
import { partOf } from '../attributing/progress-part.ts';
import type { RunContext, RunSummary } from '../runs/run-context.ts';
import { saveEvaluations, type NewEvaluation } from '../storage/evaluations.ts';
import type { ProjectFolder } from '../storage/project-folder.ts';
import { drawQueries } from './draw-queries.ts';
import { withEvaluation, type EvaluationWork } from './evaluation-work.ts';
import { predictMethods, type LdsMethods, type PredictedMethod, type TuningTruth } from './lds-methods.ts';
import { measureSubsets, type SubsetTruth } from './subset-truth.ts';

/** Share of the run's time that training takes, roughly. */
const TRAINING = 0.9;

export function ldsRun(
  folder: ProjectFolder,
  config: EvaluateLdsConfig,
  context: RunContext,
  tools: ComputeTools,
): Promise<RunSummary> {
  return withEvaluation(folder, config, context, tools, async (work) => {
    const queries = drawQueries(work.model, config.queryCount, config.seed);
    const truth = await measureSubsets(work.retraining, config, queries, partOf(context, 0, TRAINING));
    const { reported, tuning } = divide(truth, queries, config);
    const judge = new LdsJudge(truth.masks, reported.repeats, config.seed);
    const methods = await predictMethods(
      work,
      AttributionChoices.parse(config),
      { queries: reported.queries, masks: judge.masks },
      tuning,
      partOf(context, TRAINING, 1),
    );
    const evaluations = evaluate(work, config, judge, methods, reported.queries.length);
    saveEvaluations(folder.connection, context.runId, evaluations);
    return summarize(evaluations, methods);
  });
}

/** Some queries choose a damping, the others are reported on; the same for all methods, whether they have one or not. */
function divide(
  { masks, repeats }: SubsetTruth,
  queries: readonly LabelledRow[],
  config: EvaluateLdsConfig,
): {
  reported: { queries: LabelledRow[]; repeats: ReturnType<typeof selectColumns>[] };
  tuning: TuningTruth | null;
} {
  const all = Int32Array.from(queries.keys());
  const { tuningQueries, reportedQueries } =
    config.tuningShare === 0
      ? { tuningQueries: new Int32Array(0), reportedQueries: all }
      : splitQueries(queries.length, config);
  const part = (places: Int32Array) => {
    // Attributions want their targets grouped and in order.
    const rising = places.toSorted();
    return {
      queries: Array.from(rising, (place) => queries[place]!),
      repeats: repeats[config.measured].map((outputs) => selectColumns(outputs, rising)),
    };
  };
  const tuning = part(tuningQueries);
  return {
    reported: part(reportedQueries),
    tuning:
      tuningQueries.length === 0
        ? null
        : { queries: tuning.queries, masks, measured: averageOutputs(tuning.repeats) },
  };
}

function evaluate(
  { model, retraining }: EvaluationWork,
  config: EvaluateLdsConfig,
  judge: LdsJudge,
  { given, tuned, similarity }: LdsMethods,
  queryCount: number,
): NewEvaluation[] {
  const similarityScore = judge.judge(similarity.predicted).score;
  const compared = new Set([given, ...(tuned === null ? [] : [tuned]), similarity]);
  return [...compared].map((method) => {
    const { constantQueries, ...judgement } = judge.judge(method.predicted);
    return {
      modelId: model.id,
      kind: 'lds',
      title: attributionTitle(method.choices),
      choices: method.choices,
      ...judgement,
      ceiling: judge.ceiling,
      figures: {
        subsets: config.subsets,
        repeats: config.repeats,
        share: config.share,
        queries: queryCount,
        'constant queries': constantQueries,
        epochs: retraining.recipe.epochs,
        ...(method.damping === null ? {} : { 'relative damping': method.damping.relative }),
        ...(method === similarity ? {} : comparison(judge, method, similarity, similarityScore)),
      },
      curves: dampingCurve(method),
      cost: method.cost,
    };
  });
}

function comparison(
  judge: LdsJudge,
  method: PredictedMethod,
  similarity: PredictedMethod,
  similarityScore: number,
): Record<string, number> {
  const { lead, deviation } = judge.lead(method.predicted, similarity.predicted);
  return {
    'similarity score': similarityScore,
    'lead over similarity': lead,
    'lead deviation': deviation,
  };
}

function dampingCurve({ trials }: PredictedMethod): NewEvaluation['curves'] {
  if (trials.length === 0) return [];
  const points = trials.map(({ relative, score }) => ({ x: relative, y: score, deviation: null }));
  return [{ name: 'LDS by damping, on the queries that chose it', points }];
}

function summarize(evaluations: readonly NewEvaluation[], { tuned }: LdsMethods): RunSummary {
  const [given] = evaluations;
  const { modelId, score, deviation, ceiling, chance, figures } = given!;
  return {
    modelId,
    score,
    deviation,
    ceiling,
    chanceDeviation: chance?.deviation ?? null,
    tunedScore: tuned === null ? null : evaluations[1]!.score,
    similarityScore: figures['similarity score'] ?? score,
    subsets: figures['subsets']!,
    queries: figures['queries']!,
    constantQueries: figures['constant queries']!,
    cacheSeconds: given!.cost!.cacheSeconds,
    serveSeconds: given!.cost!.serveSeconds,
  };
}
