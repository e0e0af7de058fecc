/** @file A project with a small denoiser that was trained for a few steps, and a few images that it made: something to ask about in a test. */
import type { Run, RunPlan } from '../src/contract/runs-service.ts';
import { RunRequest } from '../src/contract/runs-service.ts';
import type { QueryId, RunId } from '../src/contract/vocabulary.ts';
import type { Executor } from '../src/core/execution/executor.ts';
import type { ComputeTools } from '../src/engine/attributing/compute-tools.ts';
import { attributeQueriesRun } from '../src/engine/attributing/queries/attribute-queries-run.ts';
import { findCopiesRun } from '../src/engine/cases/copies/find-copies-run.ts';
import { evaluateDenoiserRun } from '../src/engine/generating/evaluate-denoiser-run.ts';
import { sampleImagesRun } from '../src/engine/generating/sample-images-run.ts';
import { trainDenoiserRun } from '../src/engine/generating/train-denoiser-run.ts';
import { attributeGroupsRun } from '../src/engine/grouping/attribute-groups-run.ts';
import { readPixels } from '../src/engine/images/sample-pixels.ts';
import type { RunContext, RunSummary } from '../src/engine/runs/run-context.ts';
import { createOrtExecutor } from '../src/engine/runtime/ort-executor.ts';
import { createOrtMatrixEngine } from '../src/engine/runtime/ort-matrix-engine.ts';
import { listQueries } from '../src/engine/storage/queries.ts';
import { insertRun, markRunFinished, readRun } from '../src/engine/storage/runs.ts';
import type { ProjectFolder } from '../src/engine/storage/project-folder.ts';
import { makeShapesProject, type ShapesProject, type ShapesProjectOptions } from './shapes-project.ts';

export interface RunChanges {
  /** Goes on with this run. */
  readonly runId?: RunId;
  readonly executor?: Executor;
  readonly signal?: AbortSignal;
  readonly onProgress?: RunContext['progress'];
}

export interface GenerativeProject extends ShapesProject {
  readonly tools: ComputeTools;
  /** Images that the model made, by id. */
  readonly queryIds: readonly QueryId[];
  /** Does one run in this process and on one thread; an error that ends it is thrown. */
  runHere(request: unknown, changes?: RunChanges): Promise<Run>;
}

export interface GenerativeProjectOptions extends ShapesProjectOptions {
  /** Of the training; beside 12 steps of 8 images. null: nothing is trained. */
  readonly config?: Readonly<Record<string, unknown>> | null;
  /** Images to make. */
  readonly queries: number;
}

/** Steps of time are few and so are images: nothing that is learned here is worth looking at. */
export const tinyTraining = { steps: 12, batchSize: 8, timesteps: 50, checkpoints: 3, sheetMinutes: 0 };

export async function makeGenerativeProject({
  config = {},
  queries,
  ...options
}: GenerativeProjectOptions): Promise<GenerativeProject> {
  const project = await makeShapesProject({ size: 8, ...options });
  const { folder } = project;
  const matrixEngine = createOrtMatrixEngine({ threads: 1 });
  const tools: ComputeTools = {
    executor: createOrtExecutor({ threads: 1 }),
    matrixEngine,
    readPixels: (sampleIds, layout) => readPixels(folder, sampleIds, layout, new AbortController().signal),
  };
  const runHere: GenerativeProject['runHere'] = async (request, changes = {}) => {
    const plan = RunRequest.parse(request);
    const runId = changes.runId ?? insertRun(folder.connection, plan, {});
    const context: RunContext = {
      runId,
      signal: changes.signal ?? new AbortController().signal,
      progress: changes.onProgress ?? (() => undefined),
    };
    const executor = changes.executor ?? tools.executor;
    const summary = await runOf(folder, plan, context, { ...tools, executor });
    markRunFinished(folder.connection, runId, summary);
    return readRun(folder.connection, runId);
  };
  if (config !== null) await runHere({ kind: 'train-denoiser', config: { ...tinyTraining, ...config } });
  if (queries > 0) await runHere({ kind: 'sample-images', config: { count: queries, steps: 5 } });
  return {
    ...project,
    ...{ tools, runHere },
    queryIds: listQueries(folder.connection)
      .map(({ id }) => id)
      .reverse(),
    remove: () => {
      void matrixEngine.dispose();
      project.remove();
    },
  };
}

function runOf(
  folder: ProjectFolder,
  plan: RunPlan,
  context: RunContext,
  tools: ComputeTools,
): Promise<RunSummary> {
  switch (plan.kind) {
    case 'train-denoiser':
      return trainDenoiserRun(folder, plan.config, context, tools);
    case 'evaluate-denoiser':
      return evaluateDenoiserRun(folder, plan.config, context, tools);
    case 'sample-images':
      return sampleImagesRun(folder, plan.config, context, tools);
    case 'attribute-queries':
      return attributeQueriesRun(folder, plan.config, context, tools);
    case 'attribute-groups':
      return attributeGroupsRun(folder, plan.config, context, tools);
    case 'find-copies':
      return findCopiesRun(folder, plan.config, context, tools);
    default:
      throw new Error(`${plan.kind} is no run of generative models`);
  }
}
