/** @file The training run: the model, cross-validation, predictions for every image, and all of it stored at once. */
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { AppError } from '../../core/base/app-error.ts';
import type { Executor } from '../../core/execution/executor.ts';
import { buildClassifier, type Classifier } from '../../core/nn/classifier.ts';
import type { TrainConfig } from '../../contract/runs-service.ts';
import type { RunContext, RunSummary } from '../runs/run-context.ts';
import { requireSameData } from '../runs/same-data.ts';
import { transact } from '../storage/connection.ts';
import { listClassNames, listPresentSamples } from '../storage/labelled-samples.ts';
import {
  findModelOfRun,
  insertModel,
  MAIN_FOLD,
  readModel,
  saveEpoch,
  type Normalization,
} from '../storage/models.ts';
import { insertPredictions, type StoredPrediction } from '../storage/predictions.ts';
import type { ProjectFolder } from '../storage/project-folder.ts';
import { crossValidate, type CrossValidation } from './cross-validate.ts';
import { writeModelArtifact } from './model-artifact.ts';
import { openPixelCache, type ReadPixels } from './pixel-cache.ts';
import { measureNormalization, type PixelSource } from './pixel-source.ts';
import { indexOfLargest, predictRows, type Predictions } from './predict.ts';
import { trainClassifier, type TrainedClassifier } from './train-classifier.ts';
import { TrainProgress } from './train-progress.ts';
import { assembleTrainingSet, chooseChannels, chooseImageSize, type TrainingSet } from './training-set.ts';

export interface TrainingTools {
  readonly executor: Executor;
  readonly readPixels: ReadPixels;
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
  readonly classifier: Classifier;
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
  const set = assembleTrainingSet(
    listPresentSamples(folder.connection),
    listClassNames(folder.connection),
    config,
  );
  requireSameData(folder.connection, context.runId, set.dataHash);
  const progress = new TrainProgress(context, config);
  const pixels = await openPixels(folder, config, context, { set, progress, readPixels: tools.readPixels });
  try {
    const work = prepare({ folder, config, context, executor: tools.executor, set, pixels, progress });
    const trained = await trainMain(work);
    const validation = await validateByFolds(work, trained.epochCount);
    const predictions = await predictAll(work, trained.parameters);
    return store(work, trained, validation, predictions);
  } finally {
    pixels.close();
  }
}

function openPixels(
  folder: ProjectFolder,
  config: TrainConfig,
  { signal }: RunContext,
  { set, progress, readPixels }: { set: TrainingSet; progress: TrainProgress; readPixels: ReadPixels },
): Promise<PixelSource> {
  return openPixelCache({
    cachePath: folder.cachePath,
    images: set.samples,
    size: config.imageSize === 0 ? chooseImageSize(set.samples) : config.imageSize,
    channels: chooseChannels(set.samples),
    readPixels,
    signal,
    onProgress: (count) => progress.decoded(count, set.samples.length),
  });
}

function prepare(given: Omit<Work, 'normalization' | 'classifier' | 'workPath'>): Work {
  const { folder, config, context, set, pixels } = given;
  const workPath = join(folder.modelsPath, `run-${context.runId}.partial`);
  mkdirSync(workPath, { recursive: true });
  const classifier = buildClassifier({
    architecture: config.architecture,
    channels: pixels.channels,
    imageSize: pixels.size,
    classCount: set.classIds.length,
    dropout: config.dropout,
  });
  return {
    ...given,
    classifier,
    workPath,
    normalization: measureNormalization(pixels, set.trainRows, context.signal),
  };
}

function trainMain({ executor, folder, context, set, progress, ...work }: Work): Promise<TrainedClassifier> {
  return trainClassifier(executor, {
    classifier: work.classifier,
    pixels: work.pixels,
    normalization: work.normalization,
    labels: set.labels,
    trainRows: set.trainRows,
    validationRows: set.validationRows,
    settings: work.config,
    stream: 'main',
    checkpointPath: join(work.workPath, 'main.checkpoint'),
    signal: context.signal,
    onBatch: (batch) => progress.trained(MAIN_FOLD, batch),
    onEpoch: (metrics) => {
      saveEpoch(folder.connection, context.runId, MAIN_FOLD, metrics);
      progress.epochDone(metrics);
    },
  });
}

/** null where no folds were asked for. */
async function validateByFolds(work: Work, epochCount: number): Promise<CrossValidation | null> {
  const { executor, folder, config, context, set, progress } = work;
  if (config.folds === 0) return null;
  return crossValidate(executor, {
    classifier: work.classifier,
    pixels: work.pixels,
    normalization: work.normalization,
    labels: set.labels,
    rows: set.candidateRows,
    settings: config,
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
  const { classifier, pixels, normalization, context, set, progress } = work;
  const rows = Int32Array.from(set.samples, (_, row) => row);
  return predictRows(work.executor, {
    classifier,
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
  const { folder, config, context, set, classifier, pixels } = work;
  const classCount = classifier.outputCount;
  const artifact = `models/run-${context.runId}`;
  writeModelArtifact(join(folder.path, artifact), {
    network: classifier.config,
    parameters: trained.parameters,
    learned: Array.from(set.trainRows, (row) => ({
      sampleId: set.samples[row]!.id,
      classIndex: set.labels[row]!,
    })),
  });
  const modelId = transact(folder.connection, () => {
    const id = insertModel(folder.connection, {
      runId: context.runId,
      name: `${config.architecture} ${context.runId}`,
      architecture: config.architecture,
      parameterCount: classifier.parameterCount,
      imageSize: pixels.size,
      channels: pixels.channels,
      classIds: set.classIds,
      normalization: work.normalization,
      artifact,
      dataHash: set.dataHash,
      trainCount: set.trainRows.length,
      testAccuracy: accuracyOf(
        set.testRows,
        set,
        ofRows(set.testRows, predictions.probabilities, classCount),
      ),
      outOfSampleAccuracy:
        validation === null ? null : accuracyOf(set.candidateRows, set, validation.probabilities),
    });
    insertPredictions(folder.connection, id, toPredictions(set, validation, predictions.probabilities));
    return id;
  });
  rmSync(work.workPath, { recursive: true, force: true });
  const last = trained.metrics[trained.epochCount - 1]!;
  return summarize(folder, modelId, {
    epochs: trained.epochCount,
    trainAccuracy: last.trainAccuracy,
    validationAccuracy: last.validationAccuracy,
  });
}

/** The model's own predictions, but for images it learned from the prediction of the fold that did not. */
function* toPredictions(
  set: TrainingSet,
  validation: CrossValidation | null,
  probabilities: Float32Array,
): Generator<StoredPrediction> {
  const classCount = set.classIds.length;
  const slice = (values: Float32Array, place: number): Float32Array =>
    values.slice(place * classCount, (place + 1) * classCount);
  const learned = new Set(set.trainRows);
  const placeOfRow = new Map(Array.from(set.candidateRows, (row, place) => [row, place]));
  for (const [row, sample] of set.samples.entries()) {
    const place = validation === null ? undefined : placeOfRow.get(row);
    const common = { sampleId: sample.id, labelSeen: sample.label };
    if (validation !== null && place !== undefined)
      yield {
        ...common,
        outOfSample: true,
        fold: validation.folds[place]!,
        probabilities: slice(validation.probabilities, place),
      };
    else
      yield {
        ...common,
        outOfSample: !learned.has(row),
        fold: MAIN_FOLD,
        probabilities: slice(probabilities, row),
      };
  }
}

/** Share of the rows whose label is the most probable class, with the probabilities in the rows' order; null: no rows. */
function accuracyOf(
  rows: Int32Array,
  { labels, classIds }: TrainingSet,
  probabilities: Float32Array,
): number | null {
  if (rows.length === 0) return null;
  const classCount = classIds.length;
  const isRight = (row: number, place: number): boolean =>
    indexOfLargest(probabilities.subarray(place * classCount, (place + 1) * classCount)) === labels[row];
  return rows.filter(isRight).length / rows.length;
}

/** Those of the rows' probabilities, out of those of all rows. */
function ofRows(rows: Int32Array, probabilities: Float32Array, classCount: number): Float32Array {
  const some = new Float32Array(rows.length * classCount);
  for (const [place, row] of rows.entries())
    some.set(probabilities.subarray(row * classCount, (row + 1) * classCount), place * classCount);
  return some;
}

function summarize(
  folder: ProjectFolder,
  modelId: ReturnType<typeof insertModel>,
  more: RunSummary,
): RunSummary {
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
