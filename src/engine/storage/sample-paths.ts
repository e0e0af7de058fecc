/** @file Where images lie, relative to their sources; whether their files are there or not, unless it says so. */
import type { SampleId } from '../../contract/vocabulary.ts';
import type { Connection } from './connection.ts';

export interface TrainPath {
  readonly id: SampleId;
  readonly path: string;
}

export function listTrainPaths(connection: Connection): TrainPath[] {
  return connection
    .prepare("SELECT id, path FROM samples WHERE split = 'train' ORDER BY id")
    .all() as TrainPath[];
}

/** Whose files were not there at the last import. */
export function listMissing(connection: Connection): SampleId[] {
  return connection.prepare('SELECT id FROM samples WHERE missing = 1').pluck().all() as SampleId[];
}

/** Of all splits. */
export function listPaths(connection: Connection): { readonly id: SampleId; readonly path: string }[] {
  return connection.prepare('SELECT id, path FROM samples WHERE missing = 0 ORDER BY id').all() as {
    id: SampleId;
    path: string;
  }[];
}
