/** @file The tables `models` and `epochs`: trained and brought models, and their curves. The weights lie in models/. */
import { AppError } from '../../core/base/app-error.ts';
import type { DenoiserFacts, Model, ModelOrigin, ModelTask } from '../../contract/models-service.ts';
import type { EpochMetrics } from '../../contract/runs-service.ts';
import type { ClassId, ModelId, RunId } from '../../contract/vocabulary.ts';
import type { Connection } from './connection.ts';

/** The fold number of the model itself; cross-validation's models are 0, 1, 2 … */
export const MAIN_FOLD = -1;

/** How a network wants its pixels, per channel: (pixel in 0…1 − mean) / deviation. */
export interface Normalization {
  readonly means: readonly number[];
  readonly deviations: readonly number[];
  /** Which plane of the stored pixels each channel reads: [2, 1, 0] for BGR, [0, 0, 0] for grey; in order where not given. */
  readonly sources?: readonly number[];
}

/** How many planes the stored pixels must have for this: 1 grey, 3 colour. */
export function planeCount({ means, sources }: Normalization): 1 | 3 {
  return (sources === undefined ? means.length : Math.max(...sources) + 1) === 1 ? 1 : 3;
}

export interface StoredModel {
  readonly runId: RunId;
  readonly name: string;
  readonly task: ModelTask;
  readonly origin: ModelOrigin;
  /** Name of the built-in architecture, or of the file. */
  readonly architecture: string;
  readonly baseModelId: ModelId | null;
  readonly parameterCount: number;
  readonly imageSize: number;
  readonly channels: number;
  /** Output index → class. */
  readonly classIds: readonly ClassId[];
  readonly normalization: Normalization;
  /** Folder of the weights, relative to the project. */
  readonly artifact: string;
  readonly dataHash: string;
  readonly trainCount: number;
  readonly testAccuracy: number | null;
  readonly outOfSampleAccuracy: number | null;
  readonly labelledAccuracy: number | null;
  readonly excludedCount: number | null;
  readonly hint: string | null;
  /** Of a generative model; null of a classifier. */
  readonly denoiser: StoredDenoiserFacts | null;
}

/** Sheets lie beside the weights. */
export type StoredDenoiserFacts = Omit<DenoiserFacts, 'sheets'>;

interface ModelRow extends Omit<StoredModel, 'classIds' | 'normalization' | 'denoiser'> {
  readonly id: ModelId;
  readonly classIds: string;
  readonly normalization: string;
  readonly denoiser: string | null;
  readonly createdAt: string;
}

export function insertModel(connection: Connection, model: StoredModel): ModelId {
  const { lastInsertRowid } = connection
    .prepare(
      `INSERT INTO models (runId, name, task, origin, architecture, baseModelId, parameterCount, imageSize, channels, classIds,
                           normalization, artifact, dataHash, trainCount, testAccuracy, outOfSampleAccuracy,
                           labelledAccuracy, excludedCount, hint, denoiser, createdAt)
       VALUES (@runId, @name, @task, @origin, @architecture, @baseModelId, @parameterCount, @imageSize, @channels, @classIds,
               @normalization, @artifact, @dataHash, @trainCount, @testAccuracy, @outOfSampleAccuracy,
               @labelledAccuracy, @excludedCount, @hint, @denoiser, @createdAt)`,
    )
    .run({
      ...model,
      classIds: JSON.stringify(model.classIds),
      normalization: JSON.stringify(model.normalization),
      denoiser: model.denoiser === null ? null : JSON.stringify(model.denoiser),
      createdAt: new Date().toISOString(),
    });
  return Number(lastInsertRowid) as ModelId;
}

/** The model of this id; the newest of the task where `modelId` is null. One of another task is refused. */
export function readModel(
  connection: Connection,
  modelId: ModelId | null,
  task: ModelTask = 'classify',
): StoredModel & { readonly id: ModelId } {
  const row = connection
    .prepare(
      modelId === null
        ? 'SELECT * FROM models WHERE task = @task ORDER BY id DESC LIMIT 1'
        : 'SELECT * FROM models WHERE id = @modelId',
    )
    .get({ modelId, task }) as ModelRow | undefined;
  if (row === undefined)
    throw modelId === null ? needsModel(task) : new AppError('model-not-found', { modelId });
  if (row.task !== task)
    throw new AppError('model-of-other-task', {
      modelId: row.id,
      found: taskWords[row.task],
      wanted: taskWords[task],
    });
  return {
    ...row,
    classIds: JSON.parse(row.classIds) as ClassId[],
    normalization: JSON.parse(row.normalization) as Normalization,
    denoiser: denoiserOf(row),
  };
}

/** Whether any model tells classes apart. */
export function hasModel(connection: Connection): boolean {
  return connection.prepare("SELECT 1 FROM models WHERE task = 'classify' LIMIT 1").get() !== undefined;
}

const taskWords: Readonly<Record<ModelTask, string>> = {
  classify: 'tells classes apart',
  generate: 'makes images',
};

function needsModel(task: ModelTask): AppError {
  return new AppError(task === 'classify' ? 'run-needs-model' : 'run-needs-denoiser');
}

function denoiserOf({ denoiser }: ModelRow): StoredDenoiserFacts | null {
  if (denoiser === null) return null;
  // Models that earlier versions stored do not say whether they are told texts; the window offers them classes, as it did then.
  return { toldTexts: false, ...(JSON.parse(denoiser) as Omit<StoredDenoiserFacts, 'toldTexts'>) };
}

/** The model that a run made, or null. */
export function findModelOfRun(connection: Connection, runId: RunId): ModelId | null {
  const id = connection.prepare('SELECT id FROM models WHERE runId = ?').pluck().get(runId);
  return (id as ModelId | undefined) ?? null;
}

/** Newest first, with their curves. `sheetsOf` answers the steps of the sheets of images that a training has made. */
export function listModels(connection: Connection, sheetsOf: (runId: RunId) => number[] = () => []): Model[] {
  const rows = connection.prepare('SELECT * FROM models ORDER BY id DESC').all() as ModelRow[];
  return rows.map((row) => ({
    id: row.id,
    runId: row.runId,
    name: row.name,
    task: row.task,
    origin: row.origin,
    architecture: row.architecture,
    baseModelId: row.baseModelId,
    parameterCount: row.parameterCount,
    createdAt: row.createdAt,
    imageSize: row.imageSize,
    channels: row.channels,
    classCount: (JSON.parse(row.classIds) as ClassId[]).length,
    trainCount: row.trainCount,
    epochs: readEpochs(connection, row.runId, MAIN_FOLD),
    testAccuracy: row.testAccuracy,
    outOfSampleAccuracy: row.outOfSampleAccuracy,
    labelledAccuracy: row.labelledAccuracy,
    excludedCount: row.excludedCount,
    hint: row.hint,
    denoiser: withSheets(denoiserOf(row), () => sheetsOf(row.runId)),
  }));
}

function withSheets(facts: StoredDenoiserFacts | null, sheets: () => number[]): DenoiserFacts | null {
  return facts === null ? null : { ...facts, sheets: sheets() };
}

export function saveEpoch(connection: Connection, runId: RunId, fold: number, metrics: EpochMetrics): void {
  connection
    .prepare(
      `INSERT OR REPLACE INTO epochs
         (runId, fold, epoch, trainLoss, trainAccuracy, validationLoss, validationAccuracy)
       VALUES (@runId, @fold, @epoch, @trainLoss, @trainAccuracy, @validationLoss, @validationAccuracy)`,
    )
    .run({ ...metrics, runId, fold });
}

/** One training's curve in order. */
export function readEpochs(connection: Connection, runId: RunId, fold: number): EpochMetrics[] {
  return connection
    .prepare(
      `SELECT epoch, trainLoss, trainAccuracy, validationLoss, validationAccuracy FROM epochs
       WHERE runId = ? AND fold = ? ORDER BY epoch`,
    )
    .all(runId, fold) as EpochMetrics[];
}
