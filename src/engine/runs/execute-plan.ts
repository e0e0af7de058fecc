/** @file Does one run: the kind decides who does it, and with which tools. */
import { availableParallelism } from 'node:os';
import type { RunPlan } from '../../contract/runs-service.ts';
import { attributeRun } from '../attributing/attribute-run.ts';
import type { ComputeTools } from '../attributing/compute-tools.ts';
import { issuesRun } from '../finding/issues-run.ts';
import { readPixels } from '../images/sample-pixels.ts';
import { importSource } from '../importing/import-source.ts';
import { evaluateRun } from '../modelling/evaluate-run.ts';
import { createOrtMatrixEngine } from '../runtime/ort-matrix-engine.ts';
import type { ProjectFolder } from '../storage/project-folder.ts';
import type { RunHost } from './serve-runs.ts';
import { runExecutor } from './run-provider.ts';
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
  const threads = computeThreads();
  const matrixEngine = createOrtMatrixEngine({ threads });
  const executor = runExecutor(
    folder,
    'provider' in plan.config ? plan.config.provider : 'auto',
    context,
    host,
    threads,
  );
  const tools: ComputeTools = {
    executor,
    settleProvider: (model) => executor.settle(model),
    matrixEngine,
    readPixels: (sampleIds, layout) => readPixels(folder, sampleIds, layout, context.signal),
  };
  try {
    if (plan.kind === 'train') return await trainRun(folder, plan.config, context, tools);
    if (plan.kind === 'evaluate') return await evaluateRun(folder, plan.config, context, tools);
    if (plan.kind === 'attribute') return await attributeRun(folder, plan.config, context, tools);
    return await issuesRun(folder, plan.config, context, tools);
  } finally {
    await matrixEngine.dispose();
  }
}

/** Leaves a core to the window where there are enough: contention costs more than the core gives. */
function computeThreads(): number {
  const cores = availableParallelism();
  return cores > 2 ? cores - 1 : cores;
}
