/** @file A generative model and its query images made ready to be evaluated, for as long as the evaluation takes. */
import { join } from 'node:path';
import { mkdirSync } from 'node:fs';
import type { ModelId, QueryId } from '../../../contract/vocabulary.ts';
import type { ComputeTools } from '../../attributing/compute-tools.ts';
import { dataHashOf, requireQueries } from '../../attributing/queries/attribute-queries-run.ts';
import { DenoiserRetrainer } from '../../generating/denoiser-retrainer.ts';
import { loadDenoiser, type LoadedDenoiser } from '../../generating/loaded-denoiser.ts';
import { pinModel } from '../../runs/pinned-model.ts';
import type { RunContext, RunSummary } from '../../runs/run-context.ts';
import { requireSameData } from '../../runs/same-data.ts';
import type { ProjectFolder } from '../../storage/project-folder.ts';
import { readQueries, type StoredQuery } from '../../storage/queries.ts';

export interface GenerativeWork {
  readonly folder: ProjectFolder;
  readonly context: RunContext;
  readonly tools: ComputeTools;
  readonly model: LoadedDenoiser;
  /** Those that were asked for, or all of the project; one at least. */
  readonly queries: readonly StoredQuery[];
  readonly retrainer: DenoiserRetrainer;
  /** Folder of what is kept of trainings. */
  readonly path: string;
}

interface AskedConfig {
  readonly modelId: ModelId | null;
  readonly queries: readonly QueryId[];
}

/** Does `evaluate` with the run's model: the same one, on the same images and queries, when the run is resumed. */
export async function withGenerativeEvaluation(
  folder: ProjectFolder,
  config: AskedConfig,
  context: RunContext,
  tools: ComputeTools,
  evaluate: (work: GenerativeWork) => Promise<RunSummary>,
): Promise<RunSummary> {
  const { connection } = folder;
  const modelId = pinModel(connection, context.runId, config.modelId, 'generate');
  const queries = requireQueries(readQueries(connection, config.queries));
  const model = await loadDenoiser(folder, modelId, context, tools);
  try {
    requireSameData(connection, context.runId, dataHashOf(model, queries));
    await tools.settleProvider?.({ network: model.denoiser.network, parameters: model.parameters });
    const path = join(folder.cachePath, 'retrainings');
    mkdirSync(path, { recursive: true });
    const { signal } = context;
    const retrainer = new DenoiserRetrainer({ folder, model, executor: tools.executor, signal });
    try {
      return await evaluate({ folder, context, tools, model, queries, retrainer, path });
    } finally {
      await retrainer.dispose();
    }
  } finally {
    model.images.close();
  }
}
