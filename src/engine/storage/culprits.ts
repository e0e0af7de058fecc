/** @file Training images flagged because evidence points to them: a tag, and what each is flagged for, as events of the log. */
import { AppError } from '../../core/base/app-error.ts';
import { CULPRIT_TAG, CulpritSource, type CulpritFlag } from '../../contract/culprits.ts';
import type { SampleId, TagId } from '../../contract/vocabulary.ts';
import { classNameOf } from './classes.ts';
import { transact, type Connection } from './connection.ts';
import { appendUndoable } from './event-log.ts';
import { applyTags, ensureTag, recordTags } from './tags.ts';

export interface Culprit {
  readonly sampleId: SampleId;
  readonly source: CulpritSource;
}

/** An image that is flagged already gets one more reason. Answers the tag. Throws `sample-not-found`. */
export function flagCulprit(connection: Connection, { sampleId, source }: Culprit, reviewer: string): TagId {
  return transact(connection, () => {
    const known = connection.prepare('SELECT 1 FROM samples WHERE id = ?').get(sampleId);
    if (known === undefined) throw new AppError('sample-not-found', { sampleId });
    const tagId = ensureTag(connection, CULPRIT_TAG);
    const eventId = appendUndoable(connection, {
      kind: 'tag',
      reviewer,
      text: `Flagged image ${sampleId}: it pulls ${describe(connection, source)}`,
      payload: { tagId, added: true },
    });
    const isTagged = connection
      .prepare('SELECT 1 FROM sampleTags WHERE tagId = ? AND sampleId = ?')
      .get(tagId, sampleId);
    if (isTagged === undefined)
      recordTags(connection, eventId, { tagId, sampleIds: [sampleId], added: true });
    connection
      .prepare('INSERT INTO eventCulprits (eventId, sampleId, source) VALUES (?, ?, ?)')
      .run(eventId, sampleId, JSON.stringify(source));
    applyTags(connection, eventId);
    return tagId;
  });
}

/** What an image is flagged for by the events that stand, oldest first; nothing where it does not have the tag. */
export function flagsOf(connection: Connection, sampleId: SampleId): CulpritFlag[] {
  const rows = connection
    .prepare(
      `SELECT e.at, e.reviewer, c.source FROM eventCulprits c JOIN events e ON e.id = c.eventId
       WHERE c.sampleId = @sampleId
         AND (SELECT u.kind FROM events u WHERE u.targetEventId = e.id ORDER BY u.id DESC LIMIT 1) IS NOT 'undo'
         AND EXISTS (SELECT 1 FROM sampleTags st JOIN tags t ON t.id = st.tagId
                     WHERE st.sampleId = @sampleId AND t.name = @name AND t.removed = 0)
       ORDER BY e.id`,
    )
    .all({ sampleId, name: CULPRIT_TAG }) as { at: string; reviewer: string; source: string }[];
  return rows.map(({ source, ...flag }) => ({ ...flag, source: CulpritSource.parse(JSON.parse(source)) }));
}

/** 'image 45 towards shirt', 'the model away from query image 3'. */
function describe(connection: Connection, { subject, towards, score }: CulpritSource): string {
  const way = score < 0 ? 'away from' : 'towards';
  if (subject.kind === 'query') return `the model ${way} query image ${subject.id}`;
  return `image ${subject.id} ${way} ${towards === null ? 'its label' : classNameOf(connection, towards)}`;
}
