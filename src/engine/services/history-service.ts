/** @file Places in the history. */
import type { history, SnapshotId } from '../../contract/history-service.ts';
import type { Handlers } from '../../contract/service.ts';
import { exportLog } from '../exporting/export-log.ts';
import { comparePlaces } from '../storage/compare-places.ts';
import { listSnapshots, readSnapshot, removeSnapshot, takeSnapshot } from '../storage/snapshots.ts';
import type { EngineContext } from './engine-context.ts';

export function makeHistoryHandlers(context: EngineContext): Handlers<typeof history> {
  const eventOf = (id: SnapshotId | null): number | null =>
    id === null ? null : readSnapshot(context.project.connection, id).eventId;
  return {
    snapshots: () => listSnapshots(context.project.connection),
    take: ({ name }) => {
      const { project, machine } = context;
      const snapshot = takeSnapshot(project.connection, name, machine.reviewer);
      project.announceSnapshots();
      return snapshot;
    },
    remove: ({ id }) => {
      removeSnapshot(context.project.connection, id);
      context.project.announceSnapshots();
      return null;
    },
    difference: ({ from, to }) => comparePlaces(context.project.connection, eventOf(from), eventOf(to)),
    writeLog: ({ path }) => exportLog(context.project.connection, path),
  };
}
