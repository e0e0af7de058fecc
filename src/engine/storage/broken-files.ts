/** @file Files that are in the project's sources and are no images that can be read. */
import type { SampleId } from '../../contract/vocabulary.ts';
import type { Connection } from './connection.ts';

/** Images whose file was gone at the last import. */
export function listMissing(connection: Connection): SampleId[] {
  return connection
    .prepare('SELECT id FROM samples WHERE missing = 1 ORDER BY id')
    .pluck()
    .all() as SampleId[];
}

/** Files that never were images of the project. `key`: the same for the same file at the next import. */
export function listProblems(connection: Connection): { key: string; path: string; detail: string }[] {
  return connection
    .prepare(`SELECT sourceId || ' ' || path AS key, path, detail FROM problems ORDER BY sourceId, path`)
    .all() as { key: string; path: string; detail: string }[];
}
