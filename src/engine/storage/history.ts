/** @file The event log as a person reads it. */
import type { HistoryEntry } from '../../contract/labels-service.ts';
import type { SampleId } from '../../contract/vocabulary.ts';
import type { Connection } from './connection.ts';

/** How many of an event's images an entry names; a decision may be about 100,000. */
const NAMED_IMAGES = 100;

type Row = Omit<HistoryEntry, 'sampleIds' | 'undone' | 'stands'> & {
  readonly subjectId: number;
  readonly undone: number;
  /** Whether it is something that can be taken back. */
  readonly undoable: number;
};

/** A page of the log, newest first. Undo and redo are entries of their own and name the images of what they moved. */
export function pageHistory(
  connection: Connection,
  page: { readonly from: number; readonly count: number },
): { total: number; entries: HistoryEntry[] } {
  const total = connection.prepare('SELECT count(*) FROM events').pluck().get() as number;
  const rows = connection
    .prepare(
      `SELECT id, at, reviewer, text, coalesce(targetEventId, id) AS subjectId,
              (SELECT count(*) FROM eventImages s WHERE s.eventId = coalesce(e.targetEventId, e.id)) AS sampleCount,
              (SELECT t.kind FROM events t WHERE t.targetEventId = e.id ORDER BY t.id DESC LIMIT 1) IS 'undo' AS undone,
              targetEventId IS NULL AND json_extract(payload, '$.undo') IS id AS undoable
       FROM events e ORDER BY id DESC LIMIT @count OFFSET @from`,
    )
    .all(page) as Row[];
  const images = connection
    .prepare(`SELECT sampleId FROM eventImages WHERE eventId = ? ORDER BY sampleId LIMIT ${NAMED_IMAGES}`)
    .pluck();
  const entries = rows.map(({ subjectId, undone, undoable, ...entry }) => ({
    ...entry,
    sampleIds: images.all(subjectId) as SampleId[],
    undone: undone === 1,
    stands: undoable === 1 && undone === 0,
  }));
  return { total, entries };
}

/** Everything that happened to one image, oldest first. */
export function historyOfSample(
  connection: Connection,
  sampleId: SampleId,
): { at: string; reviewer: string; text: string }[] {
  return connection
    .prepare(
      `SELECT at, reviewer, text FROM (
         SELECT e.* FROM eventImages s JOIN events e ON e.id = s.eventId WHERE s.sampleId = @sampleId
         UNION ALL
         SELECT e.* FROM eventImages s JOIN events e ON e.targetEventId = s.eventId WHERE s.sampleId = @sampleId
       ) ORDER BY id`,
    )
    .all({ sampleId }) as { at: string; reviewer: string; text: string }[];
}
