/** @file Does one run: the kind decides who does it, and with which tools. */
import type { RunPlan } from '../../contract/runs-service.ts';
import { attributeRun } from '../attributing/attribute-run.ts';
import { attributeQueriesRun } from '../attributing/queries/attribute-queries-run.ts';
import type { ComputeTools } from '../attributing/compute-tools.ts';
import { findCopiesRun } from '../cases/copies/find-copies-run.ts';
import { datamodelEvaluationRun } from '../distilling/evaluation-run.ts';
import { distilRun } from '../distilling/distil-run.ts';
import { queryDatamodelRun } from '../distilling/query-run.ts';
import { brittlenessRun } from '../evaluating/brittleness-run.ts';
import { counterfactualRun } from '../evaluating/generated/counterfactual-run.ts';
import { generativeLdsRun } from '../evaluating/generated/generative-lds-run.ts';
import { groupsEvaluationRun } from '../evaluating/generated/groups-run.ts';
import { ldsRun } from '../evaluating/lds-run.ts';
import { leaveOneOutRun } from '../evaluating/leave-one-out-run.ts';
import { mislabelRun } from '../evaluating/mislabel-run.ts';
import { selectionEvaluationRun } from '../evaluating/selection-evaluation-run.ts';
import { findAlikeRun } from '../finding/find-alike-run.ts';
import { imageIssuesRun } from '../finding/images/image-issues-run.ts';
import { issuesRun } from '../finding/issues-run.ts';
import { evaluateDenoiserRun } from '../generating/evaluate-denoiser-run.ts';
import { sampleImagesRun } from '../generating/sample-images-run.ts';
import { trainDenoiserRun } from '../generating/train-denoiser-run.ts';
import { attributeGroupsRun } from '../grouping/attribute-groups-run.ts';
import { readPixels } from '../images/sample-pixels.ts';
import { importSource } from '../importing/import-source.ts';
import { mapRun } from '../mapping/map-run.ts';
import { evaluateRun } from '../modelling/evaluate-run.ts';
import { createOrtMatrixEngine } from '../runtime/ort-matrix-engine.ts';
import type { ProjectFolder } from '../storage/project-folder.ts';
import type { RunHost } from './serve-runs.ts';
import { runExecutor } from './run-provider.ts';
import { selectRun } from '../selecting/select-run.ts';
import { trainRun } from '../training/train-run.ts';
import type { RunContext, RunSummary } from './run-context.ts';

/** Does the run and answers its final figures, its time among them. */
export async function executePlan(
  folder: ProjectFolder,
  plan: RunPlan,
  context: RunContext,
  host: RunHost,
): Promise<RunSummary> {
  const startedMs = performance.now();
  const summary = await dispatch(folder, plan, context, host);
  return { ...summary, seconds: (performance.now() - startedMs) / 1000 };
}

async function dispatch(
  folder: ProjectFolder,
  plan: RunPlan,
  context: RunContext,
  host: RunHost,
): Promise<RunSummary> {
  if (plan.kind === 'import') return importSource(folder, plan.config, context);
  const matrixEngine = createOrtMatrixEngine({ threads: host.limits.threads });
  const executor = runExecutor(
    folder,
    'provider' in plan.config ? plan.config.provider : 'auto',
    context,
    host,
  );
  const tools: ComputeTools = {
    executor,
    settleProvider: (model) => executor.settle(model),
    matrixEngine,
    readPixels: (sampleIds, layout) => readPixels(folder, sampleIds, layout, context.signal),
  };
  try {
    return await computingRun(folder, plan, context, tools);
  } finally {
    await matrixEngine.dispose();
  }
}

type ComputingKind = Exclude<RunPlan['kind'], 'import'>;
type Work<Kind extends ComputingKind> = (
  folder: ProjectFolder,
  config: Extract<RunPlan, { kind: Kind }>['config'],
  context: RunContext,
  tools: ComputeTools,
) => Promise<RunSummary>;

const works: { readonly [Kind in ComputingKind]: Work<Kind> } = {
  train: trainRun,
  attribute: attributeRun,
  issues: issuesRun,
  'find-issues': imageIssuesRun,
  evaluate: evaluateRun,
  'evaluate-denoiser': evaluateDenoiserRun,
  select: selectRun,
  map: mapRun,
  'find-alike': findAlikeRun,
  'evaluate-lds': ldsRun,
  'evaluate-loo': leaveOneOutRun,
  'evaluate-brittleness': brittlenessRun,
  'evaluate-mislabel-auc': mislabelRun,
  'evaluate-selection': selectionEvaluationRun,
  distil: distilRun,
  'query-datamodel': queryDatamodelRun,
  'evaluate-ddm': datamodelEvaluationRun,
  'train-denoiser': trainDenoiserRun,
  'sample-images': sampleImagesRun,
  'attribute-queries': attributeQueriesRun,
  'attribute-groups': attributeGroupsRun,
  'find-copies': findCopiesRun,
  'evaluate-generative-lds': generativeLdsRun,
  'evaluate-groups': groupsEvaluationRun,
  'evaluate-counterfactual': counterfactualRun,
};

/** A plan's kind and config belong together. */
function computingRun(
  folder: ProjectFolder,
  { kind, config }: Exclude<RunPlan, { kind: 'import' }>,
  context: RunContext,
  tools: ComputeTools,
): Promise<RunSummary> {
  const work = works[kind] as (...given: unknown[]) => Promise<RunSummary>;
  return work(folder, config, context, tools);
}
