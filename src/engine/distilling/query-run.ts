/** @file The run that asks a synset what would change without some images: every answer beside the control, and the attribution matrix. */
import { mkdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import { effectsOfLeavingOut, regressOutputs } from '../../core/attribution/datamodel/regress-outputs.ts';
import type { Matrix64 } from '../../core/linalg/matrix.ts';
import type { QueryDatamodelConfig } from '../../contract/datamodel-configs.ts';
import type { DatamodelAnswer } from '../../contract/datamodels-service.ts';
import type { ComputeTools } from '../attributing/compute-tools.ts';
import { dataHashOf, loadModel, type LabelledRow, type LoadedModel } from '../attributing/loaded-model.ts';
import { drawQueries } from '../evaluating/draw-queries.ts';
import type { RunContext, RunSummary } from '../runs/run-context.ts';
import { requireSameData } from '../runs/same-data.ts';
import type { ProjectFolder } from '../storage/project-folder.ts';
import { addRunNotes } from '../storage/runs.ts';
import { saveAnswer, type StoredSynset } from '../storage/synsets.ts';
import { predictRows } from '../training/predict.ts';
import { askSynset, type SynsetAnswer } from './ask-synset.ts';
import { writeAttributionMatrix } from './attribution-matrix.ts';
import { chooseMasks, type ChosenMasks } from './choose-masks.ts';
import { openSynset, pinSynset } from './loaded-synset.ts';
import { outputChanges } from './output-changes.ts';
import { accuracyOf, effectOf, outcomeOf } from './perturbation-effects.ts';
import { weightDecayOf } from './weight-decay.ts';

const ONE_BY_ONE =
  'This network has operators that cannot be done for many models together: the perturbed models were trained one after another.';

interface QueryWork {
  readonly folder: ProjectFolder;
  readonly config: QueryDatamodelConfig;
  readonly context: RunContext;
  readonly tools: ComputeTools;
  readonly model: LoadedModel;
  readonly synset: StoredSynset;
}

export async function queryDatamodelRun(
  folder: ProjectFolder,
  config: QueryDatamodelConfig,
  context: RunContext,
  tools: ComputeTools,
): Promise<RunSummary> {
  const { connection } = folder;
  const synset = pinSynset(connection, context.runId, config);
  const model = await loadModel(folder, synset.modelId, context, tools.readPixels);
  try {
    requireSameData(connection, context.runId, dataHashOf(model));
    await tools.settleProvider?.({ network: model.classifier, parameters: model.parameters });
    return await ask({ folder, config, context, tools, model, synset });
  } finally {
    model.pixels.close();
  }
}

async function ask(work: QueryWork): Promise<RunSummary> {
  const { folder, config, context, tools, model, synset } = work;
  const { signal } = context;
  const artifact = openSynset(folder, synset, model);
  const { connection } = folder;
  const chosen = chooseMasks({ connection, config, artifact, classIds: model.classIds });
  const queries = drawQueries(model, config.queryCount, config.seed);
  const rows = Int32Array.from(queries, ({ row }) => row);
  const started = performance.now();
  const { steps, learningRate, momentum } = config;
  const answer = await askSynset(tools, {
    ...{ model, artifact, masks: chosen.masks, rows, signal },
    training: { steps, learningRate, momentum, weightDecay: weightDecayOf(folder, model) },
    onProgress: (fraction) => context.progress('Training perturbed models', 0.95 * fraction),
  });
  const seconds = (performance.now() - started) / 1000;
  if (answer.together === 1 && chosen.masks.rows > 1) addRunNotes(connection, context.runId, [ONE_BY_ONE]);
  const itself = await predictRows(tools.executor, { ...model, rows, signal });
  const matrix = await attributionMatrix(work, chosen, answer, queries);
  const path = join(folder.modelsPath, 'synsets');
  mkdirSync(path, { recursive: true });
  const file = join(path, `${context.runId}.matrix`);
  writeAttributionMatrix(file, { matrix, sampleIds: queries.map(({ sampleId }) => sampleId) });
  const stored = describe(work, chosen, answer, queries, itself.logits, seconds);
  saveAnswer(connection, stored, relative(folder.path, file));
  const { modelAccuracy, controlAccuracy, together } = stored;
  const figures = {
    perturbedModels: chosen.masks.rows,
    together,
    images: queries.length,
    querySeconds: seconds,
    learningRate: answer.learningRate,
  };
  return { synsetId: synset.id, modelId: model.id, ...figures, modelAccuracy, controlAccuracy };
}

function describe(
  { config, context, model, synset }: QueryWork,
  { leftOut }: ChosenMasks,
  answer: SynsetAnswer,
  queries: readonly LabelledRow[],
  logits: Float32Array,
  seconds: number,
): DatamodelAnswer {
  const control = outcomeOf(answer.control, queries);
  return {
    ...{ runId: context.runId, synsetId: synset.id, modelId: model.id, masks: config.masks, choices: config },
    ...{ queryCount: queries.length, together: answer.together, seconds },
    modelAccuracy: accuracyOf(outcomeOf(logits, queries)),
    controlAccuracy: accuracyOf(control),
    effects: leftOut.map((each, index) =>
      effectOf(each, outcomeOf(answer.perturbed[index]!, queries), control, queries, model.classIds),
    ),
    createdAt: new Date().toISOString(),
  };
}

/** [queries, what is left out]: what each adds to a query's output, positive where it helps; of random masks what each cluster adds. */
function attributionMatrix(
  { config, tools }: QueryWork,
  { masks }: ChosenMasks,
  answer: SynsetAnswer,
  queries: readonly LabelledRow[],
): Promise<Matrix64> {
  const changes = outputChanges(answer, queries, config.measured);
  if (config.masks !== 'random') return Promise.resolve(effectsOfLeavingOut(changes));
  return regressOutputs(masks, changes, config.damping, tools.matrixEngine);
}
