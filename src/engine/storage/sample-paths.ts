/** @file Where images lie, relative to their sources. */
import type { SampleId } from '../../contract/vocabulary.ts';
import type { Connection } from './connection.ts';

export function listTrainPaths(connection: Connection): { readonly id: SampleId; readonly path: string }[] {
  return connection
    .prepare("SELECT id, path FROM samples WHERE missing = 0 AND split = 'train' ORDER BY id")
    .all() as { id: SampleId; path: string }[];
}

/** Of all splits. */
export function listPaths(connection: Connection): { readonly id: SampleId; readonly path: string }[] {
  return connection.prepare('SELECT id, path FROM samples WHERE missing = 0 ORDER BY id').all() as {
    id: SampleId;
    path: string;
  }[];
}
