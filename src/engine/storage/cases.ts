/** @file Events of cases in the log, and the searches for copies that cases are made with. */
import { AppError } from '../../core/base/app-error.ts';
import { CopySearch } from '../../contract/cases-service.ts';
import type { CaseId, RunId } from '../../contract/vocabulary.ts';
import type { Connection } from './connection.ts';
import { appendEvent } from './event-log.ts';

/** An event of a case as it lies in the log; `payload` holds the action. */
export interface CaseEventRow {
  readonly eventId: number;
  readonly at: string;
  readonly reviewer: string;
  readonly text: string;
  readonly payload: object;
}

export function appendCaseEvent(
  connection: Connection,
  event: {
    readonly caseId: CaseId;
    readonly reviewer: string;
    readonly text: string;
    readonly action: object;
  },
): void {
  const { caseId, action, ...rest } = event;
  appendEvent(connection, { kind: 'case', ...rest, payload: { caseId, ...action } });
}

/** Oldest first. */
export function listCaseEvents(connection: Connection, caseId: CaseId): CaseEventRow[] {
  const rows = connection
    .prepare(
      `SELECT id AS eventId, at, reviewer, text, payload FROM events
       WHERE kind = 'case' AND json_extract(payload, '$.caseId') = ? ORDER BY id`,
    )
    .all(caseId) as (Omit<CaseEventRow, 'payload'> & { readonly payload: string })[];
  return rows.map((row) => ({ ...row, payload: JSON.parse(row.payload) as object }));
}

/** Newest first. */
export function listCaseIds(connection: Connection): CaseId[] {
  return connection
    .prepare(
      `SELECT DISTINCT json_extract(payload, '$.caseId') AS caseId FROM events WHERE kind = 'case' ORDER BY caseId DESC`,
    )
    .pluck()
    .all() as CaseId[];
}

/** Cases are never removed, so a number is never given twice. */
export function nextCaseId(connection: Connection): CaseId {
  return ((listCaseIds(connection)[0] ?? 0) + 1) as CaseId;
}

/** What a search found, as it is kept beside its run. */
const Result = CopySearch.pick({ config: true, embedding: true, imageCount: true, queries: true });

export function saveCopySearch(connection: Connection, { runId, ...result }: CopySearch): void {
  connection
    .prepare('INSERT OR REPLACE INTO copySearches (runId, result, createdAt) VALUES (?, ?, ?)')
    .run(runId, JSON.stringify(Result.parse(result)), new Date().toISOString());
}

export function readCopySearch(connection: Connection, runId: RunId): CopySearch {
  const result = connection.prepare('SELECT result FROM copySearches WHERE runId = ?').pluck().get(runId) as
    string | undefined;
  if (result === undefined) throw new AppError('run-not-found', { runId });
  return { runId, ...Result.parse(JSON.parse(result)) };
}

/** A training image as a manifest lists it. */
export interface ManifestRow {
  readonly sha256: string;
  readonly path: string;
}

/** Images of the train split whose files are there, by path, then by content. */
export function listManifest(connection: Connection): IterableIterator<ManifestRow> {
  return connection
    .prepare(
      `SELECT sha256, path FROM samples WHERE split = 'train' AND missing = 0 ORDER BY path COLLATE BINARY, sha256`,
    )
    .iterate() as IterableIterator<ManifestRow>;
}

export function countMissingFromManifest(connection: Connection): number {
  return connection
    .prepare(`SELECT count(*) FROM samples WHERE split = 'train' AND missing = 1`)
    .pluck()
    .get() as number;
}

/** The newest event that may have changed images or their labels; 0: none. */
export function lastDataEventId(connection: Connection): number {
  return connection
    .prepare(`SELECT coalesce(max(id), 0) FROM events WHERE kind != 'case'`)
    .pluck()
    .get() as number;
}

/** Values of these columns that the members of a group have, with how many members have each. */
export function memberValues(
  connection: Connection,
  groupId: number,
): { readonly name: string; readonly value: string; readonly count: number }[] {
  return connection
    .prepare(
      `SELECT c.name, v.value, count(*) AS count FROM groupMembers m
       JOIN columnValues v ON v.sampleId = m.sampleId JOIN columns c ON c.id = v.columnId
       WHERE m.groupId = ? GROUP BY c.id, v.value ORDER BY c.id, v.value`,
    )
    .all(groupId) as { name: string; value: string; count: number }[];
}
