/** @file The table `snapshots`: named places in the event log. */
import { AppError } from '../../core/base/app-error.ts';
import type { Snapshot, SnapshotId } from '../../contract/history-service.ts';
import type { Connection } from './connection.ts';
import { lastEventId } from './event-log.ts';

/** Newest first. */
export function listSnapshots(connection: Connection): Snapshot[] {
  return connection.prepare('SELECT * FROM snapshots ORDER BY id DESC').all() as Snapshot[];
}

export function readSnapshot(connection: Connection, id: SnapshotId): Snapshot {
  const found = connection.prepare('SELECT * FROM snapshots WHERE id = ?').get(id) as Snapshot | undefined;
  if (found === undefined) throw new AppError('snapshot-not-found', { snapshotId: id });
  return found;
}

/** Names what stands now. */
export function takeSnapshot(connection: Connection, name: string, reviewer: string): Snapshot {
  if (listSnapshots(connection).some((snapshot) => snapshot.name === name))
    throw new AppError('snapshot-name-taken', { name });
  const { lastInsertRowid } = connection
    .prepare('INSERT INTO snapshots (name, eventId, reviewer, createdAt) VALUES (?, ?, ?, ?)')
    .run(name, lastEventId(connection), reviewer, new Date().toISOString());
  return readSnapshot(connection, Number(lastInsertRowid) as SnapshotId);
}

export function removeSnapshot(connection: Connection, id: SnapshotId): void {
  readSnapshot(connection, id);
  connection.prepare('DELETE FROM snapshots WHERE id = ?').run(id);
}
