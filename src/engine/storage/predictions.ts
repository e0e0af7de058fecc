/** @file The table `predictions`: class probabilities per model and image, and who made them. */
import type { ClassId, ModelId, SampleId } from '../../contract/vocabulary.ts';
import type { Connection } from './connection.ts';
import { readModel } from './models.ts';

export interface StoredPrediction {
  readonly sampleId: SampleId;
  /** Made by a model that did not train on the image. */
  readonly outOfSample: boolean;
  /** Which fold's model predicted; −1: the model itself. */
  readonly fold: number;
  /** The label at the time of training; null: unlabelled. */
  readonly labelSeen: ClassId | null;
  /** One per entry of the model's classIds. */
  readonly probabilities: Float32Array;
}

interface PredictionRow {
  readonly sampleId: SampleId;
  readonly outOfSample: number;
  readonly fold: number;
  readonly labelSeen: ClassId | null;
  readonly probabilities: Buffer;
}

export function insertPredictions(
  connection: Connection,
  modelId: ModelId,
  predictions: Iterable<StoredPrediction>,
): void {
  const insert = connection.prepare(
    `INSERT OR REPLACE INTO predictions (modelId, sampleId, outOfSample, fold, labelSeen, probabilities, predictedClass, confidence)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  const { classIds } = readModel(connection, modelId);
  for (const { sampleId, outOfSample, fold, labelSeen, probabilities } of predictions) {
    const { buffer, byteOffset, byteLength } = probabilities;
    const bytes = Buffer.from(buffer, byteOffset, byteLength);
    const confidence = probabilities.reduce((most, each) => Math.max(most, each), 0);
    const predictedClass = classIds[probabilities.indexOf(confidence)] ?? null;
    insert.run(
      ...[modelId, sampleId, outOfSample ? 1 : 0, fold, labelSeen, bytes, predictedClass, confidence],
    );
  }
}

/** What a model says about one image, or null. */
export function findPrediction(
  connection: Connection,
  modelId: ModelId,
  sampleId: SampleId,
): StoredPrediction | null {
  const row = connection
    .prepare('SELECT * FROM predictions WHERE modelId = ? AND sampleId = ?')
    .get(modelId, sampleId) as PredictionRow | undefined;
  return row === undefined ? null : toPrediction(row);
}

/** Everything a model predicted without having trained on it, by sample id. */
export function listOutOfSamplePredictions(connection: Connection, modelId: ModelId): StoredPrediction[] {
  const rows = connection
    .prepare('SELECT * FROM predictions WHERE modelId = ? AND outOfSample = 1 ORDER BY sampleId')
    .all(modelId) as PredictionRow[];
  return rows.map(toPrediction);
}

function toPrediction(row: PredictionRow): StoredPrediction {
  // A copy: SQLite's buffers need not be aligned for floats.
  const bytes = Uint8Array.from(row.probabilities);
  return {
    sampleId: row.sampleId,
    outOfSample: row.outOfSample === 1,
    fold: row.fold,
    labelSeen: row.labelSeen,
    probabilities: new Float32Array(bytes.buffer),
  };
}
