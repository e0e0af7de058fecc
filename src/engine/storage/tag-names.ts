/** @file Renaming tags and removing them: events of the log, undone like any other. */
import { AppError } from '../../core/base/app-error.ts';
import type { SampleId, TagId } from '../../contract/vocabulary.ts';
import { transact, type Connection } from './connection.ts';
import { appendUndoable } from './event-log.ts';
import { applyTags, tagNameOf } from './tags.ts';

/** Its images keep the tag; a name that another tag has is refused. */
export function renameTag(connection: Connection, tagId: TagId, name: string, reviewer: string): void {
  transact(connection, () => {
    const before = tagNameOf(connection, tagId);
    const after = name.trim().normalize('NFC');
    if (after === '') throw new AppError('tag-name-empty');
    if (after === before) return;
    const taken = connection.prepare('SELECT id FROM tags WHERE name = ? AND removed = 0').get(after);
    if (taken !== undefined) throw new AppError('tag-name-taken', { name: after });
    const eventId = appendUndoable(connection, {
      kind: 'tag',
      reviewer,
      text: `Renamed the tag ${before} to ${after}`,
      payload: { tagId, name: after },
    });
    record(connection, { eventId, tagId, before, after, removed: 0 });
    applyTags(connection, eventId);
  });
}

/** Takes the tag from all its images, and from the project. Answers the images. */
export function removeTag(connection: Connection, tagId: TagId, reviewer: string): SampleId[] {
  return transact(connection, () => {
    const name = tagNameOf(connection, tagId);
    const ids = connection.prepare('SELECT sampleId FROM sampleTags WHERE tagId = ?').pluck().all(tagId);
    const eventId = appendUndoable(connection, {
      kind: 'tag',
      reviewer,
      text: `Removed the tag ${name} from ${ids.length === 1 ? '1 image' : `${ids.length} images`} and the project`,
      payload: { tagId, removed: true },
    });
    connection
      .prepare(
        `INSERT INTO eventTags (eventId, sampleId, tagId, added)
         SELECT ?, sampleId, tagId, 0 FROM sampleTags WHERE tagId = ?`,
      )
      .run(eventId, tagId);
    record(connection, { eventId, tagId, before: name, after: name, removed: 1 });
    applyTags(connection, eventId);
    return ids as SampleId[];
  });
}

function record(
  connection: Connection,
  change: {
    readonly eventId: number;
    readonly tagId: TagId;
    readonly before: string;
    readonly after: string;
    readonly removed: 0 | 1;
  },
): void {
  connection
    .prepare(
      `INSERT INTO eventTagNames (eventId, tagId, nameBefore, nameAfter, removed)
       VALUES (@eventId, @tagId, @before, @after, @removed)`,
    )
    .run(change);
}
