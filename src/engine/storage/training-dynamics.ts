/** @file The table `trainingDynamics`: what the trainings of a run saw of each image that they learned from. */
import type { ModelId, SampleId } from '../../contract/vocabulary.ts';
import type { Connection } from './connection.ts';

/** See core/curation/training-dynamics.ts. */
export interface StoredDynamics {
  readonly sampleId: SampleId;
  readonly margin: number;
  readonly loss: number;
  readonly errorLength: number;
  /** Infinity: no training ever had the image right. */
  readonly forgettings: number;
}

export function insertDynamics(
  connection: Connection,
  modelId: ModelId,
  dynamics: Iterable<StoredDynamics>,
): void {
  const insert = connection.prepare(
    `INSERT OR REPLACE INTO trainingDynamics (modelId, sampleId, margin, loss, errorLength, forgettings)
     VALUES (@modelId, @sampleId, @margin, @loss, @errorLength, @forgettings)`,
  );
  for (const image of dynamics) insert.run({ ...image, modelId });
}

/** By image; empty for a model whose training was not watched. */
export function readDynamics(connection: Connection, modelId: ModelId): Map<SampleId, StoredDynamics> {
  const rows = connection
    .prepare(
      'SELECT sampleId, margin, loss, errorLength, forgettings FROM trainingDynamics WHERE modelId = ?',
    )
    .all(modelId) as StoredDynamics[];
  return new Map(rows.map((row) => [row.sampleId, row]));
}
