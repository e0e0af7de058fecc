/**
 * @file The run that measures a linear datamodeling score of a generative model: subsets are trained on by the model's own recipe, and the sums of the
 * scores must rank the losses of the queries as the trained models do (METHODS §1.4, §3.6).
 */
import { LdsJudge } from '../../../core/evaluation/lds-judge.ts';
import { diffusionTitle } from '../../../contract/diffusion-title.ts';
import { DiffusionChoices } from '../../../contract/generation-configs.ts';
import type { EvaluateGenerativeLdsConfig } from '../../../contract/generation-evaluation-configs.ts';
import type { ComputeTools } from '../../attributing/compute-tools.ts';
import { partOf } from '../../attributing/progress-part.ts';
import { readQuerySet } from '../../generating/query-files.ts';
import type { RunContext, RunSummary } from '../../runs/run-context.ts';
import { saveEvaluations } from '../../storage/evaluations.ts';
import type { ProjectFolder } from '../../storage/project-folder.ts';
import { divideTruth, predictMethods } from '../lds-methods.ts';
import { ldsEvaluations, summarizeLds, type LdsReport } from '../lds-report.ts';
import { predictGenerativeSubsets } from './generative-subset-predictions.ts';
import { measureGenerativeSubsets } from './generative-subset-truth.ts';
import { withGenerativeEvaluation } from './generative-work.ts';

/** Share of the run's time that training takes, roughly. */
const TRAINING = 0.9;
const SIMILARITIES = ['embedding-cos', 'pixel-cos'] as const;

export function generativeLdsRun(
  folder: ProjectFolder,
  config: EvaluateGenerativeLdsConfig,
  context: RunContext,
  tools: ComputeTools,
): Promise<RunSummary> {
  return withGenerativeEvaluation(folder, config, context, tools, async (work) => {
    const { model, queries } = work;
    const { subsets, repeats, share, seed, measuredTimesteps, dampings } = config;
    const set = await readQuerySet(folder, model, queries, context);
    const truth = await measureGenerativeSubsets(work, config, set, partOf(context, 0, TRAINING));
    const { reported, tuning } = divideTruth(truth, queries, config);
    const judge = new LdsJudge(truth.masks, reported.repeats, seed);
    const choices = DiffusionChoices.parse(config);
    const methods = await predictMethods(
      {
        predict: (...asked) => predictGenerativeSubsets(work, ...asked),
        choices,
        similarities: SIMILARITIES.map((method) => DiffusionChoices.parse({ method, seed })),
        queries: reported.queries,
        masks: judge.masks,
        tuning,
        dampings,
      },
      partOf(context, TRAINING, 1),
    );
    const report: LdsReport<DiffusionChoices> = {
      modelId: model.id,
      judge,
      methods,
      figures: {
        ...{ subsets, repeats, share },
        queries: reported.queries.length,
        'queries that chose the damping': queries.length - reported.queries.length,
        'measured steps of time': measuredTimesteps,
      },
      describe: (made) => ({ title: diffusionTitle(made), choices: null, diffusionChoices: made }),
    };
    const evaluations = ldsEvaluations(report);
    saveEvaluations(folder.connection, context.runId, evaluations);
    return summarizeLds(evaluations, report);
  });
}
