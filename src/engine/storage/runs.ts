/** @file The table `runs`: what was asked for, how far it came, what it answered, and what the answer depends on. */
import { AppError } from '../../core/base/app-error.ts';
import {
  RunRequest,
  type Run,
  type RunPlan,
  type RunProgress,
  type RunStatus,
} from '../../contract/runs-service.ts';
import type { ProviderName } from '../../contract/engine-service.ts';
import type { RunId } from '../../contract/vocabulary.ts';
import type { Connection } from './connection.ts';

/** What a run's result depends on besides its configuration, and which process works on it. */
export interface RunProvenance {
  /** Of the process that works, or last worked, on the run. */
  processId?: number;
  /** When that process last said that it was alive; milliseconds since 1970. */
  heartbeatMs?: number;
  versions?: Readonly<Record<string, string>>;
  /** Of everything the run read: a resumed run must find the same. */
  dataHash?: string;
  /** What the run computes on; a resumed run goes on there. */
  provider?: ProviderName;
  /** On the CPU; a resumed run goes on with as many. */
  threads?: number;
  /** That a computation may take; of the newest start. */
  memoryBytes?: number;
  /** For a person, oldest first. */
  notes?: readonly string[];
  [fact: string]: unknown;
}

interface RunRow {
  id: number;
  kind: string;
  status: string;
  config: string;
  provenance: string;
  progress: string | null;
  summary: string;
  errorCode: string | null;
  errorMessage: string | null;
  createdAt: string;
  startedAt: string | null;
  finishedAt: string | null;
}

export function insertRun(connection: Connection, plan: RunPlan, provenance: RunProvenance): RunId {
  const { lastInsertRowid } = connection
    .prepare(
      `INSERT INTO runs (kind, status, config, provenance, createdAt)
       VALUES (@kind, 'queued', @config, @provenance, @createdAt)`,
    )
    .run({
      kind: plan.kind,
      config: JSON.stringify(plan.config),
      provenance: JSON.stringify(provenance),
      createdAt: new Date().toISOString(),
    });
  return Number(lastInsertRowid) as RunId;
}

/** The run, or an error for a person where there is none of this id. */
export function readRun(connection: Connection, runId: RunId): Run {
  return toRun(readRow(connection, runId));
}

/** Newest first. */
export function listRuns(connection: Connection): Run[] {
  const rows = connection.prepare('SELECT * FROM runs ORDER BY id DESC').all() as RunRow[];
  return rows.map(toRun);
}

export function listRunStatuses(connection: Connection): Map<RunId, Run['status']> {
  const rows = connection.prepare('SELECT id, status FROM runs').raw().all();
  return new Map(rows as [RunId, Run['status']][]);
}

/** What the run was started with, to do it again from where it stopped. */
export function readRunPlan(connection: Connection, runId: RunId): RunPlan {
  const row = readRow(connection, runId);
  return RunRequest.parse({ kind: row.kind, config: JSON.parse(row.config) as unknown });
}

export function readRunProvenance(connection: Connection, runId: RunId): RunProvenance {
  return JSON.parse(readRow(connection, runId).provenance) as RunProvenance;
}

/** Adds to what is known of the run's origin; a fact of the same name is replaced. */
export function addRunProvenance(connection: Connection, runId: RunId, facts: RunProvenance): void {
  connection
    .prepare('UPDATE runs SET provenance = json_patch(provenance, @facts) WHERE id = @runId')
    .run({ runId, facts: JSON.stringify(facts) });
}

/** Adds what a person should know of how the run went; a note that is there already is not repeated. */
export function addRunNotes(connection: Connection, runId: RunId, notes: readonly string[]): void {
  const known = readRunProvenance(connection, runId).notes ?? [];
  const added = notes.filter((note) => !known.includes(note));
  addRunProvenance(connection, runId, { notes: [...known, ...added] });
}

export function markRunQueued(connection: Connection, runId: RunId): void {
  connection
    .prepare(
      `UPDATE runs SET status = 'queued', errorCode = NULL, errorMessage = NULL, finishedAt = NULL WHERE id = ?`,
    )
    .run(runId);
}

export function markRunRunning(connection: Connection, runId: RunId): void {
  connection
    .prepare(`UPDATE runs SET status = 'running', startedAt = coalesce(startedAt, @now) WHERE id = @runId`)
    .run({ runId, now: new Date().toISOString() });
}

export function markRunFinished(connection: Connection, runId: RunId, summary: Run['summary']): void {
  connection
    .prepare(
      `UPDATE runs SET status = 'finished', summary = @summary, progress = NULL, finishedAt = @now WHERE id = @runId`,
    )
    .run({ runId, summary: JSON.stringify(summary), now: new Date().toISOString() });
}

/** The run stopped short: by a person, by an error, or by the end of its process. */
export function markRunStopped(
  connection: Connection,
  runId: RunId,
  status: Extract<RunStatus, 'failed' | 'cancelled' | 'interrupted'>,
  error: { readonly code: string; readonly message: string } | null = null,
): void {
  connection
    .prepare(
      `UPDATE runs SET status = @status, errorCode = @code, errorMessage = @message, finishedAt = @now
       WHERE id = @runId`,
    )
    .run({
      runId,
      status,
      code: error?.code ?? null,
      message: error?.message ?? null,
      now: new Date().toISOString(),
    });
}

export function writeRunProgress(connection: Connection, progress: RunProgress): void {
  connection
    .prepare('UPDATE runs SET progress = @progress WHERE id = @runId')
    .run({ runId: progress.runId, progress: JSON.stringify(progress) });
}

/** Ids of the runs that some process holds as its own, oldest first. */
export function listUnfinishedRuns(
  connection: Connection,
): readonly { runId: RunId; provenance: RunProvenance }[] {
  const rows = connection
    .prepare(`SELECT id, provenance FROM runs WHERE status IN ('queued', 'running') ORDER BY id`)
    .all() as Pick<RunRow, 'id' | 'provenance'>[];
  return rows.map((row) => ({
    runId: row.id as RunId,
    provenance: JSON.parse(row.provenance) as RunProvenance,
  }));
}

function readRow(connection: Connection, runId: RunId): RunRow {
  const row = connection.prepare('SELECT * FROM runs WHERE id = ?').get(runId) as RunRow | undefined;
  if (row === undefined) throw new AppError('run-not-found', { runId });
  return row;
}

function toRun(row: RunRow): Run {
  const provenance = JSON.parse(row.provenance) as RunProvenance;
  return {
    id: row.id as RunId,
    kind: row.kind as Run['kind'],
    status: row.status as RunStatus,
    config: JSON.parse(row.config) as Run['config'],
    createdAt: row.createdAt,
    startedAt: row.startedAt,
    finishedAt: row.finishedAt,
    error:
      row.errorCode === null ? null : { code: row.errorCode, message: row.errorMessage ?? row.errorCode },
    progress: row.progress === null ? null : (JSON.parse(row.progress) as RunProgress),
    summary: JSON.parse(row.summary) as Run['summary'],
    provider: provenance.provider ?? null,
    notes: [...(provenance.notes ?? [])],
  };
}
