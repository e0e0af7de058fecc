/** @file What an image is flagged for, read of the log. */
import { CULPRIT_TAG, CulpritSource, type CulpritFlag } from '../../contract/culprits.ts';
import type { SampleId } from '../../contract/vocabulary.ts';
import type { Connection } from './connection.ts';

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
