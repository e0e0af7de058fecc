/** @file Images that are left out of trainings: excluded and included again by events of the log (`event-log.ts`). */
import type { SampleId } from '../../contract/vocabulary.ts';
import { transact, type Connection } from './connection.ts';
import { appendUndoable } from './event-log.ts';
import { refuseUnknownSamples } from './samples.ts';

export interface ExclusionChange {
  readonly sampleIds: readonly SampleId[];
  /** False: they are included again. */
  readonly excluded: boolean;
}

/** Excludes images, or includes them again; those that are so already are left out. Answers those changed. */
export function changeExclusion(
  connection: Connection,
  { sampleIds, excluded }: ExclusionChange,
  reviewer: string,
): SampleId[] {
  return transact(connection, () => {
    refuseUnknownSamples(connection, sampleIds);
    const after = excluded ? 1 : 0;
    const changed = connection
      .prepare(
        `SELECT DISTINCT wanted.value FROM json_each(?) wanted
         WHERE (wanted.value IN (SELECT sampleId FROM exclusions)) != ? ORDER BY 1`,
      )
      .pluck()
      .all(JSON.stringify(sampleIds), after) as SampleId[];
    if (changed.length === 0) return changed;
    const images = changed.length === 1 ? `image ${changed[0]!}` : `${changed.length} images`;
    const eventId = appendUndoable(connection, {
      kind: 'decide',
      reviewer,
      text: excluded ? `Excluded ${images}` : `Included ${images} again`,
      payload: { excluded },
    });
    connection
      .prepare(
        `INSERT INTO eventExclusions (eventId, sampleId, excludedBefore, excludedAfter)
         SELECT ?, value, ?, ? FROM json_each(?)`,
      )
      .run(eventId, 1 - after, after, JSON.stringify(changed));
    applyExclusions(connection, eventId);
    return changed;
  });
}

export function countExcluded(connection: Connection): number {
  return connection.prepare('SELECT count(*) FROM exclusions').pluck().get() as number;
}

/** Puts what an event did to exclusions onto its images; an event of another kind did nothing. */
export function applyExclusions(connection: Connection, eventId: number): void {
  setExclusions(connection, eventId, 'excludedAfter');
}

/** Puts back what was before an event. */
export function revertExclusions(connection: Connection, eventId: number): void {
  setExclusions(connection, eventId, 'excludedBefore');
}

function setExclusions(
  connection: Connection,
  eventId: number,
  side: 'excludedBefore' | 'excludedAfter',
): void {
  connection
    .prepare(
      `INSERT OR IGNORE INTO exclusions (sampleId) SELECT sampleId FROM eventExclusions WHERE eventId = ? AND ${side} = 1`,
    )
    .run(eventId);
  connection
    .prepare(
      `DELETE FROM exclusions WHERE sampleId IN (SELECT sampleId FROM eventExclusions WHERE eventId = ? AND ${side} = 0)`,
    )
    .run(eventId);
}
