/** @file Tags that people give to images. Giving and taking one is an event like a decision about a label, and is undone like one. */
import { AppError } from '../../core/base/app-error.ts';
import type { SampleId, TagEntry, TagId } from '../../contract/vocabulary.ts';
import { transact, type Connection } from './connection.ts';
import { appendUndoable } from './event-log.ts';
import { refuseUnknownSamples } from './samples.ts';
import { renameTagInViews } from './views.ts';

/** All tags by name, with how many images have each one now. */
export function listTags(connection: Connection): TagEntry[] {
  return connection
    .prepare(
      `SELECT t.id, t.name, count(s.sampleId) AS sampleCount FROM tags t LEFT JOIN sampleTags s ON s.tagId = t.id
       WHERE t.removed = 0 GROUP BY t.id ORDER BY t.name`,
    )
    .all() as TagEntry[];
}

/** The id of the tag called `name`, which is made where there is none; one that was removed comes back without its images. */
export function ensureTag(connection: Connection, name: string): TagId {
  const wanted = name.trim().normalize('NFC');
  if (wanted === '') throw new AppError('tag-name-empty');
  return transact(connection, () => {
    const found = connection
      .prepare('SELECT id FROM tags WHERE name = ? ORDER BY removed, id DESC')
      .pluck()
      .get(wanted);
    if (found !== undefined) {
      connection.prepare('UPDATE tags SET removed = 0 WHERE id = ?').run(found);
      return found as TagId;
    }
    return connection.prepare('INSERT INTO tags (name) VALUES (?)').run(wanted).lastInsertRowid as TagId;
  });
}

export function tagNameOf(connection: Connection, id: TagId): string {
  const name = connection.prepare('SELECT name FROM tags WHERE id = ? AND removed = 0').pluck().get(id);
  if (name !== undefined) return name as string;
  throw new AppError('tag-not-found', {
    name: `number ${id}`,
    known:
      listTags(connection)
        .map((tag) => tag.name)
        .join(', ') || 'none',
  });
}

/** Gives a tag to images, or takes it; images that have it already, or do not have it, are left out. Answers those changed. */
export function changeTag(
  connection: Connection,
  change: { readonly sampleIds: readonly SampleId[]; readonly tagId: TagId; readonly added: boolean },
  reviewer: string,
): SampleId[] {
  return transact(connection, () => {
    const { tagId, added } = change;
    const name = tagNameOf(connection, tagId);
    refuseUnknownSamples(connection, change.sampleIds);
    const changed = connection
      .prepare(
        `SELECT DISTINCT wanted.value FROM json_each(@ids) wanted
         WHERE EXISTS (SELECT 1 FROM sampleTags t WHERE t.tagId = @tagId AND t.sampleId = wanted.value) = @had
         ORDER BY 1`,
      )
      .pluck()
      .all({ ids: JSON.stringify(change.sampleIds), tagId, had: added ? 0 : 1 }) as SampleId[];
    if (changed.length === 0) return changed;
    const images = changed.length === 1 ? `image ${changed[0]!}` : `${changed.length} images`;
    const eventId = appendUndoable(connection, {
      kind: 'tag',
      reviewer,
      text: added ? `Tagged ${images} ${name}` : `Took the tag ${name} from ${images}`,
      payload: { tagId, added },
    });
    recordTags(connection, eventId, { tagId, sampleIds: changed, added });
    applyTags(connection, eventId);
    return changed;
  });
}

/** Writes which images an event gives the tag to, or takes it from. */
export function recordTags(
  connection: Connection,
  eventId: number,
  {
    tagId,
    sampleIds,
    added,
  }: { readonly tagId: TagId; readonly sampleIds: readonly SampleId[]; readonly added: boolean },
): void {
  connection
    .prepare(
      `INSERT INTO eventTags (eventId, sampleId, tagId, added)
       SELECT @eventId, value, @tagId, @added FROM json_each(@ids)`,
    )
    .run({ eventId, tagId, added: added ? 1 : 0, ids: JSON.stringify(sampleIds) });
}

/** Puts what an event did to tags onto its images and the tags themselves; an event of another kind did nothing. */
export function applyTags(connection: Connection, eventId: number): void {
  setTags(connection, eventId, 1);
  setTagName(connection, eventId, 1);
}

export function revertTags(connection: Connection, eventId: number): void {
  setTags(connection, eventId, 0);
  setTagName(connection, eventId, 0);
}

/** What the event did to tags where `direction` is 1, its opposite where it is 0. */
function setTags(connection: Connection, eventId: number, direction: 0 | 1): void {
  connection
    .prepare(
      `INSERT OR IGNORE INTO sampleTags (tagId, sampleId)
       SELECT tagId, sampleId FROM eventTags WHERE eventId = ? AND added = ?`,
    )
    .run(eventId, direction);
  connection
    .prepare(
      `DELETE FROM sampleTags WHERE (tagId, sampleId) IN
         (SELECT tagId, sampleId FROM eventTags WHERE eventId = ? AND added != ?)`,
    )
    .run(eventId, direction);
}

/**
 * The name that the event gave where `direction` is 1, the one before it where it is 0; and whether the tag is there. Making a
 * tag is no event of its own, so the name may be another tag's by now: it then gets a number.
 */
function setTagName(connection: Connection, eventId: number, direction: 0 | 1): void {
  const change = connection
    .prepare(
      `SELECT tagId, iif(@direction = 1, nameAfter, nameBefore) AS name, removed * @direction AS removed
       FROM eventTagNames WHERE eventId = @eventId`,
    )
    .get({ eventId, direction }) as { tagId: TagId; name: string; removed: 0 | 1 } | undefined;
  if (change === undefined) return;
  const isTaken = connection.prepare('SELECT 1 FROM tags WHERE name = ? AND id != ? AND removed = 0').pluck();
  let { name } = change;
  for (let number = 2; change.removed === 0 && isTaken.get(name, change.tagId) !== undefined; number++)
    name = `${change.name} (${number})`;
  const before = connection.prepare('SELECT name FROM tags WHERE id = ?').pluck().get(change.tagId) as string;
  connection
    .prepare('UPDATE tags SET name = @name, removed = @removed WHERE id = @tagId')
    .run({ ...change, name });
  if (name !== before) renameTagInViews(connection, before, name);
}
