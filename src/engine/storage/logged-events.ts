/** @file Every event of the log with all of its images: what an export writes. */
import type { CulpritSource } from '../../contract/culprits.ts';
import type { Connection } from './connection.ts';

export interface LoggedEvent {
  readonly id: number;
  readonly at: string;
  readonly reviewer: string;
  readonly kind: string;
  /** For a person. */
  readonly text: string;
  /** The event that an undo took back, or a redo restored. */
  readonly targetEventId: number | null;
  readonly decided: readonly {
    readonly path: string;
    readonly sha256: string;
    readonly labelBefore: number | null;
    readonly labelAfter: number | null;
    readonly decisionBefore: string | null;
    readonly decisionAfter: string | null;
  }[];
  readonly tagged: readonly { readonly path: string; readonly tag: string; readonly given: boolean }[];
  /** Images that were left out of trainings, or taken in again. */
  readonly excluded: readonly { readonly path: string; readonly excluded: boolean }[];
  /** Images that were flagged as culprits, and the evidence that it was for. */
  readonly flagged: readonly { readonly path: string; readonly source: CulpritSource }[];
  /** Images that were added to a group, or taken out of it; null: the group has been removed since. */
  readonly grouped: readonly {
    readonly path: string;
    readonly group: string | null;
    readonly added: boolean;
  }[];
  /** Issues of pictures that were decided. */
  readonly resolved: readonly { readonly kind: string; readonly key: string; readonly state: string }[];
  /** A tag that was renamed or removed; null: none. */
  readonly tagRenamed: {
    readonly before: string;
    readonly after: string;
    readonly removed: boolean;
  } | null;
  /** A step in a case, whole; null: none. */
  readonly caseStep: object | null;
}

/** Oldest first; one at a time, because an event may be about a hundred thousand images. */
export function* eventsInOrder(connection: Connection): Generator<LoggedEvent> {
  const decided = connection.prepare(
    `SELECT s.path, s.sha256, e.labelBefore, e.labelAfter, e.decisionBefore, e.decisionAfter
     FROM eventSamples e JOIN samples s ON s.id = e.sampleId WHERE e.eventId = ? ORDER BY s.id`,
  );
  const tagged = connection.prepare(
    `SELECT s.path, t.name AS tag, e.added FROM eventTags e JOIN samples s ON s.id = e.sampleId JOIN tags t ON t.id = e.tagId
     WHERE e.eventId = ? ORDER BY s.id, t.id`,
  );
  const excluded = connection.prepare(
    `SELECT s.path, e.excludedAfter AS excluded FROM eventExclusions e JOIN samples s ON s.id = e.sampleId
     WHERE e.eventId = ? AND e.excludedBefore != e.excludedAfter ORDER BY s.id`,
  );
  const flagged = connection.prepare(
    'SELECT s.path, e.source FROM eventCulprits e JOIN samples s ON s.id = e.sampleId WHERE e.eventId = ? ORDER BY s.id',
  );
  const grouped = connection.prepare(
    `SELECT s.path, g.name AS "group", e.added FROM eventGroups e JOIN samples s ON s.id = e.sampleId
     LEFT JOIN groups g ON g.id = e.groupId WHERE e.eventId = ? ORDER BY s.id`,
  );
  const resolved = connection.prepare(
    'SELECT kind, key, stateAfter AS state FROM eventIssues WHERE eventId = ? ORDER BY kind, key',
  );
  const renamed = connection.prepare(
    'SELECT nameBefore AS before, nameAfter AS after, removed FROM eventTagNames WHERE eventId = ?',
  );
  const events = connection
    .prepare(
      `SELECT id, at, reviewer, kind, text, targetEventId, iif(kind = 'case', payload, NULL) AS step FROM events ORDER BY id`,
    )
    .all() as EventRow[];
  for (const { step, ...event } of events)
    yield {
      ...event,
      decided: decided.all(event.id) as LoggedEvent['decided'][number][],
      tagged: (tagged.all(event.id) as { path: string; tag: string; added: 0 | 1 }[]).map(
        ({ path, tag, added }) => ({ path, tag, given: added === 1 }),
      ),
      excluded: (excluded.all(event.id) as { path: string; excluded: 0 | 1 }[]).map((each) => ({
        ...{ path: each.path, excluded: each.excluded === 1 },
      })),
      flagged: (flagged.all(event.id) as { path: string; source: string }[]).map(({ path, source }) => ({
        ...{ path, source: JSON.parse(source) as CulpritSource },
      })),
      grouped: (grouped.all(event.id) as { path: string; group: string | null; added: 0 | 1 }[]).map(
        (each) => ({
          ...{ path: each.path, group: each.group, added: each.added === 1 },
        }),
      ),
      resolved: resolved.all(event.id) as LoggedEvent['resolved'][number][],
      tagRenamed: renamedTag(renamed.get(event.id)),
      caseStep: step === null ? null : (JSON.parse(step) as object),
    };
}

type EventRow = Pick<LoggedEvent, 'id' | 'at' | 'reviewer' | 'kind' | 'text' | 'targetEventId'> & {
  readonly step: string | null;
};

function renamedTag(row: unknown): LoggedEvent['tagRenamed'] {
  if (row === undefined) return null;
  const { before, after, removed } = row as { before: string; after: string; removed: 0 | 1 };
  return { before, after, removed: removed === 1 };
}
