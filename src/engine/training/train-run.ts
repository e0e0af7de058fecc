/** @file The training run: the model, cross-validation, predictions for every image, and all of it stored at once. */
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { AppError } from '../../core/base/app-error.ts';
import { meanDynamics, type TrainingDynamics } from '../../core/curation/training-dynamics.ts';
import type { Executor } from '../../core/execution/executor.ts';
import type { TrainConfig } from '../../contract/runs-service.ts';
import type { ModelId, SampleId, SubsetId } from '../../contract/vocabulary.ts';
import type { RunContext, RunSummary } from '../runs/run-context.ts';
import { requireSameData } from '../runs/same-data.ts';
import { listClassNames, listPresentSamples } from '../storage/labelled-samples.ts';
import type { TestedModel } from '../runtime/self-test-programs.ts';
import { findModelOfRun, MAIN_FOLD, readModel, saveEpoch, type Normalization } from '../storage/models.ts';
import type { Connection } from '../storage/connection.ts';
import type { ProjectFolder } from '../storage/project-folder.ts';
import { listMembers } from '../storage/subsets.ts';
import { crossValidate, type CrossValidation } from './cross-validate.ts';
import { checkpointsPath, keepCheckpoint, listCheckpoints, type CheckpointPlan } from './kept-checkpoints.ts';
import { startOf, type NetworkStart } from './network-start.ts';
import { openPixelCache, type ReadPixels } from './pixel-cache.ts';
import { measureNormalization, type PixelSource } from './pixel-source.ts';
import { predictRows, type Predictions } from './predict.ts';
import { storeModel } from './store-model.ts';
import { trainClassifier, type TrainedClassifier } from './train-classifier.ts';
import { TrainProgress } from './train-progress.ts';
import type { TrainingTask } from './training-task.ts';
import { assembleTrainingSet, type TrainingSet } from './training-set.ts';

export interface TrainingTools {
  readonly executor: Executor;
  readonly readPixels: ReadPixels;
  /** Lets the executor choose where to compute, now that the model is known; without it the executor is used as it is. */
  readonly settleProvider?: (model: TestedModel) => Promise<void>;
}

/** Everything that one training run works with. */
interface Work {
  readonly folder: ProjectFolder;
  readonly config: TrainConfig;
  readonly context: RunContext;
  readonly executor: Executor;
  readonly set: TrainingSet;
  readonly pixels: PixelSource;
  readonly normalization: Normalization;
  readonly start: NetworkStart;
  readonly progress: TrainProgress;
  /** Checkpoints and finished folds, until the run is finished. */
  readonly workPath: string;
}

export async function trainRun(
  folder: ProjectFolder,
  config: TrainConfig,
  context: RunContext,
  tools: TrainingTools,
): Promise<RunSummary> {
  if (config.folds === 1)
    throw new AppError('usage-invalid', { reason: 'Cross-validation needs two folds or more, or none (0)' });
  const done = findModelOfRun(folder.connection, context.runId);
  if (done !== null) return summarize(folder, done, {});
  const set = assembleTrainingSet(listPresentSamples(folder.connection), listClassNames(folder.connection), {
    ...config,
    ...(config.subset === null ? {} : { only: idsOf(folder.connection, config.subset) }),
  });
  requireSameData(folder.connection, context.runId, set.dataHash);
  const progress = new TrainProgress(context, config);
  const start = startOf(folder, config, set);
  const pixels = await openPixels(folder, start, context, { set, progress, readPixels: tools.readPixels });
  try {
    const work = prepare({ folder, config, context, executor: tools.executor, set, start, pixels, progress });
    const { network } = start;
    await tools.settleProvider?.({ network, parameters: network.initialParameters(config.seed) });
    const trained = await trainMain(work);
    const validation = await validateByFolds(work, trained.epochCount);
    const predictions = await predictAll(work, trained.parameters);
    return store(work, trained, validation, predictions);
  } finally {
    pixels.close();
  }
}

function idsOf(connection: Connection, subset: SubsetId): ReadonlySet<SampleId> {
  return new Set(listMembers(connection, subset).map(({ sampleId }) => sampleId));
}

function openPixels(
  folder: ProjectFolder,
  { imageSize, channels }: NetworkStart,
  { signal }: RunContext,
  { set, progress, readPixels }: { set: TrainingSet; progress: TrainProgress; readPixels: ReadPixels },
): Promise<PixelSource> {
  return openPixelCache({
    cachePath: folder.cachePath,
    images: set.samples,
    size: imageSize,
    channels,
    readPixels,
    signal,
    onProgress: (count) => progress.decoded(count, set.samples.length),
  });
}

function prepare(given: Omit<Work, 'normalization' | 'workPath'>): Work {
  const { folder, context, set, pixels, start } = given;
  const workPath = join(folder.modelsPath, `run-${context.runId}.partial`);
  mkdirSync(workPath, { recursive: true });
  const normalization = start.normalization ?? measureNormalization(pixels, set.trainRows, context.signal);
  return { ...given, workPath, normalization };
}

/** What every training of the run has in common. */
function learningOf({
  start,
  pixels,
  normalization,
  config,
}: Work): Pick<TrainingTask, 'classifier' | 'origin' | 'pixels' | 'normalization' | 'settings'> {
  // What the training starts from is told by `origin`; settings of earlier versions had no words for it.
  const {
    from: _from,
    keep: _keep,
    loraRank: _rank,
    subset: _subset,
    provider: _,
    checkpoints: _kept,
    ...settings
  } = config;
  return { classifier: start.network, origin: start.identity, pixels, normalization, settings };
}

function trainMain(work: Work): Promise<TrainedClassifier> {
  const { executor, folder, context, set, progress } = work;
  return trainClassifier(executor, {
    ...learningOf(work),
    labels: set.labels,
    trainRows: set.trainRows,
    validationRows: set.validationRows,
    stream: 'main',
    checkpointPath: join(work.workPath, 'main.checkpoint'),
    signal: context.signal,
    // Before the state of the training is written, so that an interrupted one misses none.
    afterEpoch: (epoch, parameters) => keepCheckpoint(checkpointPlan(work), epoch, parameters),
    onBatch: (batch) => progress.trained(MAIN_FOLD, batch),
    onEpoch: (metrics) => {
      saveEpoch(folder.connection, context.runId, MAIN_FOLD, metrics);
      progress.epochDone(metrics);
    },
  });
}

function checkpointPlan({ folder, config, context, set }: Work): CheckpointPlan {
  const path = checkpointsPath(join(folder.modelsPath, `run-${context.runId}`));
  const { checkpoints: count, epochs } = config;
  return { path, count, settings: config, imageCount: set.trainRows.length, epochs };
}

/** null where no folds were asked for. */
async function validateByFolds(work: Work, epochCount: number): Promise<CrossValidation | null> {
  const { executor, folder, config, context, set, progress } = work;
  if (config.folds === 0) return null;
  return crossValidate(executor, {
    ...learningOf(work),
    labels: set.labels,
    rows: set.candidateRows,
    // As long as the model itself learned: early stop must not depend on images that a fold predicts.
    epochLimit: epochCount,
    foldCount: config.folds,
    path: work.workPath,
    signal: context.signal,
    onBatch: (fold, batch) => progress.trained(fold, batch),
    onEpoch: (fold, metrics) => saveEpoch(folder.connection, context.runId, fold, metrics),
  });
}

function predictAll(work: Work, parameters: Float32Array): Promise<Predictions> {
  const { start, pixels, normalization, context, set, progress } = work;
  const rows = Int32Array.from(set.samples, (_, row) => row);
  return predictRows(work.executor, {
    classifier: start.network,
    parameters,
    pixels,
    normalization,
    rows,
    signal: context.signal,
    onBatch: (count) => progress.predicted(count, rows.length),
  });
}

function store(
  work: Work,
  trained: TrainedClassifier,
  validation: CrossValidation | null,
  predictions: Predictions,
): RunSummary {
  const { folder, context, set, start } = work;
  listCheckpoints(checkpointPlan(work), trained.parameters, trained.epochCount);
  const modelId = storeModel(folder, context.runId, {
    naming: {
      ...start.naming,
      name: `${start.naming.architecture} ${context.runId}`,
      hint: null,
    },
    description: start.description,
    network: start.network,
    parameters: trained.parameters,
    normalization: work.normalization,
    set,
    learnedRows: set.trainRows,
    probabilities: predictions.probabilities,
    outOfSample: validation === null ? null : { rows: set.candidateRows, ...validation },
    dynamics: dynamicsOf(set, trained, validation),
  });
  rmSync(work.workPath, { recursive: true, force: true });
  const last = trained.metrics[trained.epochCount - 1]!;
  return summarize(folder, modelId, {
    epochs: trained.epochCount,
    trainAccuracy: last.trainAccuracy,
    validationAccuracy: last.validationAccuracy,
  });
}

/** Of every sample, over the model's own training and those of the folds. */
function dynamicsOf(
  { samples, trainRows, candidateRows }: TrainingSet,
  { observed }: TrainedClassifier,
  validation: CrossValidation | null,
): TrainingDynamics {
  const folds = (validation?.observed ?? []).map((fold) => ({
    ...fold,
    places: Int32Array.from(fold.places, (place) => candidateRows[place]!),
  }));
  return meanDynamics([{ ...observed, places: trainRows }, ...folds], samples.length);
}

function summarize(folder: ProjectFolder, modelId: ModelId, more: RunSummary): RunSummary {
  const model = readModel(folder.connection, modelId);
  return {
    modelId,
    parameterCount: model.parameterCount,
    imageSize: model.imageSize,
    trainCount: model.trainCount,
    testAccuracy: model.testAccuracy,
    outOfSampleAccuracy: model.outOfSampleAccuracy,
    ...more,
  };
}
