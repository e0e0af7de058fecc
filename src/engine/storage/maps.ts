/** @file The table `maps`. The positions lie in files of the project. */
import { AppError } from '../../core/base/app-error.ts';
import { MapConfig, type ImageMap } from '../../contract/maps-service.ts';
import type { MapId, RunId } from '../../contract/vocabulary.ts';
import type { Connection } from './connection.ts';

export interface StoredMap extends ImageMap {
  /** File relative to the project. */
  readonly artifact: string;
}

type MapRow = Omit<StoredMap, 'choices'> & { readonly choices: string };

export function insertMap(connection: Connection, map: Omit<StoredMap, 'id' | 'createdAt'>): MapId {
  const { lastInsertRowid } = connection
    .prepare(
      `INSERT INTO maps (runId, name, method, source, imageCount, shownVariance, choices, artifact, createdAt)
       VALUES (@runId, @name, @method, @source, @imageCount, @shownVariance, @choices, @artifact, @createdAt)`,
    )
    .run({ ...map, choices: JSON.stringify(map.choices), createdAt: new Date().toISOString() });
  return Number(lastInsertRowid) as MapId;
}

/** Newest first. */
export function listMaps(connection: Connection): StoredMap[] {
  return (connection.prepare('SELECT * FROM maps ORDER BY id DESC').all() as MapRow[]).map(toMap);
}

export function readMap(connection: Connection, id: MapId): StoredMap {
  const row = connection.prepare('SELECT * FROM maps WHERE id = ?').get(id) as MapRow | undefined;
  if (row === undefined) throw new AppError('map-not-found', { mapId: id });
  return toMap(row);
}

/** The map that a run made, or null. */
export function findMapOfRun(connection: Connection, runId: RunId): StoredMap | null {
  const row = connection.prepare('SELECT * FROM maps WHERE runId = ?').get(runId) as MapRow | undefined;
  return row === undefined ? null : toMap(row);
}

export function renameMap(connection: Connection, id: MapId, name: string): void {
  readMap(connection, id);
  connection.prepare('UPDATE maps SET name = ? WHERE id = ?').run(name, id);
}

export function removeMap(connection: Connection, id: MapId): void {
  readMap(connection, id);
  connection.prepare('DELETE FROM maps WHERE id = ?').run(id);
}

function toMap(row: MapRow): StoredMap {
  return { ...row, choices: MapConfig.parse(JSON.parse(row.choices)) };
}
