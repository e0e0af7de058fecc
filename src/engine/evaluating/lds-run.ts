/**
 * @file The run that measures a linear datamodeling score: subsets are trained on, and the sums of the scores must rank them as the trained
 * models do (METHODS §1.4). The trainings are the ground truth of every method on the model and are kept apart from it.
 */
import { dampingGrid } from '../../core/attribution/tune-damping.ts';
import { LdsJudge } from '../../core/evaluation/lds-judge.ts';
import { AttributionChoices } from '../../contract/attribution-choices.ts';
import { attributionTitle } from '../../contract/attribution-title.ts';
import type { EvaluateLdsConfig } from '../../contract/evaluation-configs.ts';
import type { ComputeTools } from '../attributing/compute-tools.ts';
import { partOf } from '../attributing/progress-part.ts';
import type { RunContext, RunSummary } from '../runs/run-context.ts';
import { saveEvaluations } from '../storage/evaluations.ts';
import type { ProjectFolder } from '../storage/project-folder.ts';
import { drawQueries } from './draw-queries.ts';
import { withEvaluation } from './evaluation-work.ts';
import { divideTruth, predictMethods } from './lds-methods.ts';
import { ldsEvaluations, summarizeLds, type LdsReport } from './lds-report.ts';
import { predictSubsets } from './subset-predictions.ts';
import { measureSubsets } from './subset-truth.ts';

/** Share of the run's time that training takes, roughly. */
const TRAINING = 0.9;
const SIMILARITY = 'embedding-cos';

export function ldsRun(
  folder: ProjectFolder,
  config: EvaluateLdsConfig,
  context: RunContext,
  tools: ComputeTools,
): Promise<RunSummary> {
  return withEvaluation(folder, config, context, tools, async (work) => {
    const { subsets, repeats, share, seed, measured } = config;
    const queries = drawQueries(work.model, config.queryCount, seed);
    const truth = await measureSubsets(work.retraining, config, queries, partOf(context, 0, TRAINING));
    const divided = divideTruth({ masks: truth.masks, repeats: truth.repeats[measured] }, queries, config);
    const { reported, tuning } = divided;
    const judge = new LdsJudge(truth.masks, reported.repeats, seed);
    const methods = await predictMethods(
      {
        predict: (...asked) => predictSubsets(work, ...asked),
        choices: AttributionChoices.parse(config),
        similarities: [AttributionChoices.parse({ method: SIMILARITY, seed })],
        queries: reported.queries,
        masks: judge.masks,
        tuning,
        dampings: dampingGrid,
      },
      partOf(context, TRAINING, 1),
    );
    const { epochs } = work.retraining.recipe;
    const report: LdsReport<AttributionChoices> = {
      modelId: work.model.id,
      judge,
      methods,
      figures: { subsets, repeats, share, queries: reported.queries.length, epochs },
      describe: (choices) => ({ title: attributionTitle(choices), choices }),
    };
    const evaluations = ldsEvaluations(report);
    saveEvaluations(folder.connection, context.runId, evaluations);
    return summarizeLds(evaluations, report);
  });
}
