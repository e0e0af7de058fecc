/** @file Events of cases in the log, and the searches for copies that cases are made with. */
import { AppError } from '../../core/base/app-error.ts';
import { CopySearch } from '../../contract/cases-service.ts';
import type { CaseId, RunId } from '../../contract/vocabulary.ts';
import { transact, type Connection } from './connection.ts';
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
): string {
  const { caseId, action, ...rest } = event;
  return appendEvent(connection, { kind: 'case', ...rest, payload: { caseId, ...action } });
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

/** The newest event of each case, the newest case first. */
export function listLastEvents(
  connection: Connection,
): { readonly caseId: CaseId; readonly eventId: number }[] {
  return connection
    .prepare(
      `SELECT json_extract(payload, '$.caseId') AS caseId, max(id) AS eventId FROM events WHERE kind = 'case'
       GROUP BY json_extract(payload, '$.caseId') ORDER BY caseId DESC`,
    )
    .all() as { caseId: CaseId; eventId: number }[];
}

/** What was kept of a case when `eventId` was its newest event. */
export interface KeptSummary {
  readonly caseId: CaseId;
  readonly eventId: number;
  readonly summary: unknown;
}

export function listCaseSummaries(connection: Connection): KeptSummary[] {
  const rows = connection.prepare('SELECT caseId, eventId, summary FROM caseSummaries').all() as (Omit<
    KeptSummary,
    'summary'
  > & { readonly summary: string })[];
  return rows.map((row) => ({ ...row, summary: JSON.parse(row.summary) as unknown }));
}

export function keepCaseSummaries(connection: Connection, summaries: readonly KeptSummary[]): void {
  if (summaries.length === 0) return;
  const keep = connection.prepare(
    'INSERT OR REPLACE INTO caseSummaries (caseId, eventId, summary) VALUES (?, ?, ?)',
  );
  transact(connection, () => {
    for (const { caseId, eventId, summary } of summaries) keep.run(caseId, eventId, JSON.stringify(summary));
  });
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

/** Whether an event after this one may have changed images or their labels. */
export function isDataChangedSince(connection: Connection, eventId: number): boolean {
  const found = connection.prepare(`SELECT 1 FROM events WHERE id > ? AND kind != 'case' LIMIT 1`);
  return found.get(eventId) !== undefined;
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
