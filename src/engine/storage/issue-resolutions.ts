/**
 * @file Decisions about issues of pictures: events of the log (`event-log.ts`), and what follows from them: the states of issues and the
 * images that are excluded from trainings.
 */
import { AppError } from '../../core/base/app-error.ts';
import { countIssues, issueKindWords, type ImageIssueKind } from '../../contract/issue-kinds.ts';
import type { ImageIssueResolution } from '../../contract/image-issues-service.ts';
import type { SampleId, Split } from '../../contract/vocabulary.ts';
import { transact, type Connection } from './connection.ts';
import { appendUndoable } from './event-log.ts';
import { applyExclusions, revertExclusions } from './exclusions.ts';
import { findImageIssue } from './image-issues.ts';

export interface IssueDecision {
  readonly key: string;
  readonly state: ImageIssueResolution;
  /** Those of its images that are excluded from now on. */
  readonly exclude: readonly SampleId[];
}

/** Records decisions about issues of one kind as one event, and applies it, all or nothing. Answers the images that they are about. */
export function resolveIssues(
  connection: Connection,
  kind: ImageIssueKind,
  decisions: readonly IssueDecision[],
  reviewer: string,
): SampleId[] {
  return transact(connection, () => {
    const excluded = new Set(decisions.flatMap((decision) => decision.exclude)).size;
    const eventId = appendUndoable(connection, {
      kind: 'decide',
      reviewer,
      text: describe(kind, decisions, excluded),
      payload: { issueKind: kind },
    });
    for (const decision of decisions) recordDecision(connection, eventId, kind, decision);
    applyResolutions(connection, eventId);
    return connection
      .prepare('SELECT sampleId FROM eventExclusions WHERE eventId = ?')
      .pluck()
      .all(eventId) as SampleId[];
  });
}

/** An undecided issue and what rules look at of its images. */
export interface OpenIssue {
  readonly key: string;
  readonly conflicting: boolean;
  readonly images: readonly {
    readonly id: SampleId;
    readonly split: Split;
    readonly width: number;
    readonly height: number;
    readonly bytes: number;
    readonly excluded: boolean;
  }[];
}

/** By rank. */
export function listOpenIssues(connection: Connection, kind: ImageIssueKind): OpenIssue[] {
  const rows = connection
    .prepare(
      `SELECT i.key, i.conflicting, s.id, s.split, s.width, s.height, s.bytes,
              EXISTS (SELECT 1 FROM exclusions x WHERE x.sampleId = s.id) AS excluded
       FROM imageIssues i LEFT JOIN imageIssueMembers m ON m.kind = i.kind AND m.key = i.key
       LEFT JOIN samples s ON s.id = m.sampleId
       LEFT JOIN issueResolutions r ON r.kind = i.kind AND r.key = i.key
       WHERE i.kind = ? AND r.key IS NULL ORDER BY i.rank, m.position`,
    )
    .all(kind) as OpenRow[];
  const issues = new Map<
    string,
    { key: string; conflicting: boolean; images: OpenIssue['images'][number][] }
  >();
  for (const { key, conflicting, excluded, ...image } of rows) {
    const issue = issues.get(key) ?? { key, conflicting: conflicting === 1, images: [] };
    issues.set(key, issue);
    // A file that never was an image has no row of one.
    if (image.id !== null) issue.images.push({ ...image, id: image.id, excluded: excluded === 1 });
  }
  return [...issues.values()];
}

type OpenRow = Omit<OpenIssue['images'][number], 'id' | 'excluded'> & {
  readonly key: string;
  readonly conflicting: number;
  readonly excluded: number;
  readonly id: SampleId | null;
};

/** Puts what an event resulted in onto issues and images; an event of another kind did nothing to them. */
export function applyResolutions(connection: Connection, eventId: number): void {
  connection
    .prepare(
      `INSERT OR REPLACE INTO issueResolutions (kind, key, state)
       SELECT kind, key, stateAfter FROM eventIssues WHERE eventId = ?`,
    )
    .run(eventId);
  applyExclusions(connection, eventId);
}

/** Puts back what was before an event. */
export function revertResolutions(connection: Connection, eventId: number): void {
  connection
    .prepare(
      `DELETE FROM issueResolutions WHERE (kind, key) IN (SELECT kind, key FROM eventIssues WHERE eventId = ?)`,
    )
    .run(eventId);
  connection
    .prepare(
      `INSERT INTO issueResolutions (kind, key, state)
       SELECT kind, key, stateBefore FROM eventIssues WHERE eventId = ? AND stateBefore IS NOT NULL`,
    )
    .run(eventId);
  revertExclusions(connection, eventId);
}

/**
 * Writes before and after of an issue and its images. An image that is not excluded now stays as it was: another issue may have
 * excluded it. Where this issue did, that decision no longer holds.
 */
function recordDecision(
  connection: Connection,
  eventId: number,
  kind: ImageIssueKind,
  { key, state, exclude }: IssueDecision,
): void {
  const issue = findImageIssue(connection, kind, key);
  if (issue === null) throw new AppError('image-issue-not-found', { kind, key });
  const foreign = exclude.find((id) => !issue.members.some((member) => member.sampleId === id));
  if (foreign !== undefined) throw new AppError('sample-not-found', { sampleId: foreign });
  connection
    .prepare('INSERT INTO eventIssues (eventId, kind, key, stateBefore, stateAfter) VALUES (?, ?, ?, ?, ?)')
    .run(eventId, kind, key, issue.state === 'open' ? null : issue.state, state);
  const insert = connection.prepare(
    'INSERT OR IGNORE INTO eventExclusions (eventId, sampleId, excludedBefore, excludedAfter) VALUES (?, ?, ?, ?)',
  );
  for (const { sampleId, excluded } of issue.members) {
    const stays = issue.state === 'exclude' ? false : excluded;
    insert.run(eventId, sampleId, excluded ? 1 : 0, exclude.includes(sampleId) || stays ? 1 : 0);
  }
}

/** For a person: 'Excluded 3 images of 2 leaks', 'Kept 1 blurred image'. */
function describe(kind: ImageIssueKind, decisions: readonly IssueDecision[], excluded: number): string {
  const issues = countIssues(kind, decisions.length);
  if (excluded > 0) {
    const images = `${excluded.toLocaleString('en-US')} ${excluded === 1 ? 'image' : 'images'}`;
    return issueKindWords[kind].about === 'image' ? `Excluded ${issues}` : `Excluded ${images} of ${issues}`;
  }
  return `${decisions.every(({ state }) => state === 'skip') ? 'Skipped' : 'Kept'} ${issues}`;
}
