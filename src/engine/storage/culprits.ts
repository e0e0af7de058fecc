/** @file Training images flagged because evidence points to them: a tag, and what each is flagged for, as events of the log. */
import { AppError } from '../../core/base/app-error.ts';
import { CULPRIT_TAG, type CulpritSource } from '../../contract/culprits.ts';
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

/** 'image 45 towards shirt', 'the model away from query image 3'. */
function describe(connection: Connection, { subject, towards, score }: CulpritSource): string {
  const way = score < 0 ? 'away from' : 'towards';
  if (subject.kind === 'query') return `the model ${way} query image ${subject.id}`;
  return `image ${subject.id} ${way} ${towards === null ? 'its label' : classNameOf(connection, towards)}`;
}
