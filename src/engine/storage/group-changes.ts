/**
 * @file Images added to groups and taken out of them: events of the log (`event-log.ts`), undone like decisions. What a group was defined
 * with is no event, so the log alone does not give its members.
 */
import { AppError } from '../../core/base/app-error.ts';
import type { GroupId, SampleId } from '../../contract/vocabulary.ts';
import { transact, type Connection } from './connection.ts';
import { appendUndoable } from './event-log.ts';
import { movedEvents, standingEvents } from './replay-events.ts';
import { refuseUnknownSamples } from './samples.ts';

export interface GroupChange {
  readonly groupId: GroupId;
  readonly sampleIds: readonly SampleId[];
  /** False: they are taken out. */
  readonly added: boolean;
}

/**
 * Adds images to a group or takes them out of it; those that are in it already, or are not, are left out, and so are images of
 * other splits than train, which no model learns from. Answers those changed.
 * @throws AppError group-not-found, sample-not-found, group-emptied
 */
export function changeGroup(connection: Connection, change: GroupChange, reviewer: string): SampleId[] {
  return transact(connection, () => {
    const { groupId, sampleIds, added } = change;
    const name = groupNameOf(connection, groupId);
    refuseUnknownSamples(connection, sampleIds);
    const changed = connection
      .prepare(
        `SELECT DISTINCT s.id FROM json_each(@ids) wanted JOIN samples s ON s.id = wanted.value
         WHERE EXISTS (SELECT 1 FROM groupMembers m WHERE m.groupId = @groupId AND m.sampleId = s.id) = @was
           AND (@was = 1 OR s.split = 'train') ORDER BY 1`,
      )
      .pluck()
      .all({ ids: JSON.stringify(sampleIds), groupId, was: added ? 0 : 1 }) as SampleId[];
    if (changed.length === 0) return changed;
    const images = changed.length === 1 ? `image ${changed[0]!}` : `${changed.length} images`;
    const eventId = appendUndoable(connection, {
      kind: 'decide',
      reviewer,
      text: added ? `Added ${images} to the group ${name}` : `Took ${images} out of the group ${name}`,
      payload: { groupId, added },
    });
    connection
      .prepare(
        `INSERT INTO eventGroups (eventId, groupId, sampleId, added) SELECT ?, ?, value, ? FROM json_each(?)`,
      )
      .run(eventId, groupId, added ? 1 : 0, JSON.stringify(changed));
    applyGroupChanges(connection, eventId);
    const left = connection.prepare('SELECT 1 FROM groupMembers WHERE groupId = ? LIMIT 1').get(groupId);
    if (left === undefined) throw new AppError('group-emptied', { name });
    return changed;
  });
}

/** Puts what an event did to groups onto them; an event of another kind did nothing, nor one about a group that is gone. */
export function applyGroupChanges(connection: Connection, eventId: number): void {
  setMembers(connection, eventId, 1);
}

/** Puts back what was before an event. */
export function revertGroupChanges(connection: Connection, eventId: number): void {
  setMembers(connection, eventId, 0);
}

/** What the event did where `direction` is 1, its opposite where it is 0. */
function setMembers(connection: Connection, eventId: number, direction: 0 | 1): void {
  connection
    .prepare(
      `INSERT OR IGNORE INTO groupMembers (groupId, sampleId) SELECT groupId, sampleId FROM eventGroups
       WHERE eventId = ? AND added = ? AND groupId IN (SELECT id FROM groups)`,
    )
    .run(eventId, direction);
  connection
    .prepare(
      `DELETE FROM groupMembers WHERE (groupId, sampleId) IN
         (SELECT groupId, sampleId FROM eventGroups WHERE eventId = ? AND added != ?)`,
    )
    .run(eventId, direction);
}

/** Whether the log tells of any change of a group. */
export function hasGroupChanges(connection: Connection): boolean {
  return connection.prepare('SELECT 1 FROM eventGroups LIMIT 1').get() !== undefined;
}

/** The groups of these images, with how many of them each holds, by id. */
export function groupsHolding(
  connection: Connection,
  sampleIds: readonly SampleId[],
): { groupId: GroupId; count: number }[] {
  return connection
    .prepare(
      `SELECT m.groupId, count(*) AS count FROM (SELECT DISTINCT value AS id FROM json_each(?)) wanted
       JOIN groupMembers m ON m.sampleId = wanted.id GROUP BY m.groupId ORDER BY m.groupId`,
    )
    .all(JSON.stringify(sampleIds)) as { groupId: GroupId; count: number }[];
}

/** The groups that a finished attribution estimated something of. */
export function attributedGroups(connection: Connection): Set<GroupId> {
  const ids = connection
    .prepare(
      `SELECT DISTINCT each.value ->> 'groupId' FROM groupAttributions a JOIN runs r ON r.id = a.runId
       JOIN json_each(a.result, '$.groups') each WHERE r.status = 'finished' AND a.result IS NOT NULL`,
    )
    .pluck()
    .all() as GroupId[];
  return new Set(ids);
}

/** The groups that have other images now than at `moment` (ISO 8601), by the events that stand. */
export function groupsChangedSince(connection: Connection, moment: string): Set<GroupId> {
  if (!hasGroupChanges(connection)) return new Set();
  const last = connection
    .prepare('SELECT coalesce(max(id), 0) FROM events WHERE at <= ?')
    .pluck()
    .get(moment);
  const { gone, come } = movedEvents(standingEvents(connection, last as number), standingEvents(connection));
  const ids = connection
    .prepare(
      `SELECT groupId FROM (
         SELECT groupId, sampleId, 2 * added - 1 AS step FROM eventGroups WHERE eventId IN (SELECT value FROM json_each(?))
         UNION ALL
         SELECT groupId, sampleId, 1 - 2 * added FROM eventGroups WHERE eventId IN (SELECT value FROM json_each(?)))
       GROUP BY groupId, sampleId HAVING sum(step) != 0`,
    )
    .pluck()
    .all(JSON.stringify(come), JSON.stringify(gone)) as GroupId[];
  return new Set(ids);
}

function groupNameOf(connection: Connection, groupId: GroupId): string {
  const name = connection.prepare('SELECT name FROM groups WHERE id = ?').pluck().get(groupId);
  if (name === undefined) throw new AppError('group-not-found', { groupId });
  return name as string;
}
