/** @file The training images one by one, as a report hands them over. */
import type { SampleId } from '../../contract/vocabulary.ts';
import type { Connection } from './connection.ts';

export interface TrainingImage {
  readonly id: SampleId;
  readonly path: string;
  readonly split: string;
  readonly bytes: number;
  readonly sha256: string;
  readonly isMissing: boolean;
}

/** Of the train split, whether their files are there or not; by path, then by content. */
export function listTrainingImages(connection: Connection): TrainingImage[] {
  const rows = connection
    .prepare(
      `SELECT id, path, split, bytes, sha256, missing FROM samples WHERE split = 'train'
       ORDER BY path COLLATE BINARY, sha256`,
    )
    .all() as (Omit<TrainingImage, 'isMissing'> & { readonly missing: 0 | 1 })[];
  return rows.map(({ missing, ...image }) => ({ ...image, isMissing: missing === 1 }));
}

/** Folders, archives and tables that training images came from. */
export function listTrainingSources(connection: Connection): string[] {
  return connection
    .prepare(
      `SELECT path FROM sources WHERE id IN (SELECT sourceId FROM samples WHERE split = 'train') ORDER BY path`,
    )
    .pluck()
    .all() as string[];
}
