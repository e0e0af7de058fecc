/** @file A model made ready to be evaluated, for as long as the evaluation takes. */
import type { ModelId } from '../../contract/vocabulary.ts';
import type { ComputeTools } from '../attributing/compute-tools.ts';
import { dataHashOf, loadModel, type LoadedModel } from '../attributing/loaded-model.ts';
import { pinModel } from '../runs/pinned-model.ts';
import type { RunContext, RunSummary } from '../runs/run-context.ts';
import { requireSameData } from '../runs/same-data.ts';
import type { ProjectFolder } from '../storage/project-folder.ts';
import { addRunNotes } from '../storage/runs.ts';
import { openRetraining, type RetrainWork } from './retrain.ts';

export interface EvaluationWork {
  readonly folder: ProjectFolder;
  readonly context: RunContext;
  readonly tools: ComputeTools;
  readonly model: LoadedModel;
  readonly retraining: RetrainWork;
}

/** Does `evaluate` with the run's model: the same one, on the same images and labels, when the run is resumed. */
export async function withEvaluation(
  folder: ProjectFolder,
  config: { readonly modelId: ModelId | null },
  context: RunContext,
  tools: ComputeTools,
  evaluate: (work: EvaluationWork) => Promise<RunSummary>,
): Promise<RunSummary> {
  const { connection } = folder;
  const { runId, signal } = context;
  const model = await loadModel(
    folder,
    pinModel(connection, runId, config.modelId),
    context,
    tools.readPixels,
  );
  try {
    requireSameData(connection, runId, dataHashOf(model));
    await tools.settleProvider?.({ network: model.classifier, parameters: model.parameters });
    const retraining = openRetraining(folder, model, tools, signal);
    try {
      if (retraining.recipe.caution !== null) addRunNotes(connection, runId, [retraining.recipe.caution]);
      return await evaluate({ folder, context, tools, model, retraining });
    } finally {
      await retraining.sessions.dispose();
    }
  } finally {
    model.pixels.close();
  }
}
