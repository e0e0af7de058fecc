/** @file What importing writes and reads again: sources, samples as found, problems. */
import { AppError } from '../../core/base/app-error.ts';
import type { Problem, ProblemReason, SourceKind } from '../../contract/imports-service.ts';
import type { ClassId, SampleId, Split } from '../../contract/vocabulary.ts';
import { transact, type Connection } from './connection.ts';

/** What an earlier import knows about one path of a source. */
export interface KnownSample {
  readonly id: SampleId;
  readonly path: string;
  readonly sha256: string;
  readonly bytes: number;
  readonly modifiedMs: number;
  readonly split: Split;
  readonly givenLabel: ClassId | null;
  readonly missing: 0 | 1;
}

/** One image as it was found now. */
export interface FoundSample {
  readonly path: string;
  readonly sha256: string;
  readonly bytes: number;
  readonly modifiedMs: number;
  readonly format: string;
  readonly width: number;
  readonly height: number;
  readonly channels: number;
  readonly split: Split;
  readonly givenLabel: ClassId | null;
}

export interface FoundProblem {
  readonly path: string;
  readonly reason: ProblemReason;
  readonly detail: string;
  readonly bytes: number | null;
}

/** Where a sample's pixels are. */
export interface SampleLocation {
  readonly id: SampleId;
  readonly sourceKind: SourceKind;
  /** What `path` is relative to. */
  readonly sourceRoot: string;
  readonly path: string;
  readonly format: string;
  readonly width: number;
  readonly height: number;
  readonly channels: number;
}

/** The id of the source at `path`, which is noted where it is new. */
export function ensureSource(
  connection: Connection,
  source: { readonly kind: SourceKind; readonly path: string; readonly root: string },
): number {
  const { kind, path, root } = source;
  return connection
    .prepare(
      `INSERT INTO sources (kind, path, root, importedAt) VALUES (?, ?, ?, ?)
       ON CONFLICT (path) DO UPDATE
       SET kind = excluded.kind, root = excluded.root, importedAt = excluded.importedAt RETURNING id`,
    )
    .pluck()
    .get(kind, path, root, new Date().toISOString()) as number;
}

export function readKnownSamples(connection: Connection, sourceId: number): Map<string, KnownSample> {
  const rows = connection
    .prepare(
      `SELECT id, path, sha256, bytes, modifiedMs, split, givenLabel, missing
       FROM samples WHERE sourceId = ? ORDER BY id`,
    )
    .all(sourceId) as KnownSample[];
  return new Map(rows.map((row) => [row.path, row]));
}

/** Adds images and answers their ids, in order. */
export function insertSamples(
  connection: Connection,
  sourceId: number,
  found: readonly FoundSample[],
): SampleId[] {
  const insert = connection.prepare(
    `INSERT INTO samples (sourceId, path, sha256, bytes, modifiedMs, format, width, height, channels, split,
                          givenLabel, label, importedAt)
     VALUES (@sourceId, @path, @sha256, @bytes, @modifiedMs, @format, @width, @height, @channels, @split,
             @givenLabel, @givenLabel, @importedAt)`,
  );
  const importedAt = new Date().toISOString();
  return transact(connection, () =>
    found.map((sample) => insert.run({ ...sample, sourceId, importedAt }).lastInsertRowid as SampleId),
  );
}

/**
 * Brings known images up to date with what was found, also under another path. Decisions stand: only an image that nobody
 * decided on takes a new given label as its label.
 */
export function updateSamples(
  connection: Connection,
  updates: readonly { readonly id: SampleId; readonly found: FoundSample }[],
): void {
  const update = connection.prepare(
    `UPDATE samples SET path = @path, sha256 = @sha256, bytes = @bytes, modifiedMs = @modifiedMs, format = @format,
            width = @width, height = @height, channels = @channels, split = @split, givenLabel = @givenLabel,
            label = iif(decision IS NULL, @givenLabel, label), missing = 0
     WHERE id = @id`,
  );
  transact(connection, () => {
    for (const { id, found } of updates) update.run({ ...found, id });
  });
}

/** What can change about an image whose content is as it was. */
export type Whereabouts = Pick<FoundSample, 'path' | 'bytes' | 'modifiedMs' | 'split' | 'givenLabel'>;

/** Notes where images are now, in which split and class, that have the content they had. */
export function relocateSamples(
  connection: Connection,
  updates: readonly { readonly id: SampleId; readonly found: Whereabouts }[],
): void {
  const update = connection.prepare(
    `UPDATE samples SET path = @path, bytes = @bytes, modifiedMs = @modifiedMs, split = @split, missing = 0,
            givenLabel = @givenLabel, label = iif(decision IS NULL, @givenLabel, label) WHERE id = @id`,
  );
  transact(connection, () => {
    for (const { id, found } of updates) update.run({ ...found, id });
  });
}

export function markMissing(connection: Connection, ids: readonly SampleId[]): void {
  const update = connection.prepare('UPDATE samples SET missing = 1 WHERE id = ?');
  transact(connection, () => {
    for (const id of ids) update.run(id);
  });
}

/** Notes what could not be read. A path has one problem at a time: the newest. */
export function saveProblems(
  connection: Connection,
  sourceId: number,
  problems: readonly FoundProblem[],
): void {
  const upsert = connection.prepare(
    `INSERT INTO problems (sourceId, path, reason, detail, bytes, foundAt)
     VALUES (@sourceId, @path, @reason, @detail, @bytes, @foundAt)
     ON CONFLICT (sourceId, path) DO UPDATE SET reason = excluded.reason, detail = excluded.detail,
       bytes = excluded.bytes, foundAt = excluded.foundAt`,
  );
  const foundAt = new Date().toISOString();
  transact(connection, () => {
    for (const problem of problems) upsert.run({ ...problem, sourceId, foundAt });
  });
}

/** Forgets the problems of a source that this import did not find again. */
export function forgetOtherProblems(
  connection: Connection,
  sourceId: number,
  stillThere: ReadonlySet<string>,
): void {
  const known = connection.prepare('SELECT path FROM problems WHERE sourceId = ?').pluck().all(sourceId);
  const forget = connection.prepare('DELETE FROM problems WHERE sourceId = ? AND path = ?');
  transact(connection, () => {
    for (const path of known as string[]) if (!stillThere.has(path)) forget.run(sourceId, path);
  });
}

export function pageProblems(
  connection: Connection,
  page: { readonly from: number; readonly count: number },
): { total: number; problems: Problem[] } {
  const total = connection.prepare('SELECT count(*) FROM problems').pluck().get() as number;
  const problems = connection
    .prepare(
      `SELECT id, path, reason, detail, bytes, foundAt FROM problems ORDER BY sourceId, path
       LIMIT @count OFFSET @from`,
    )
    .all(page) as Problem[];
  return { total, problems };
}

/** Where the pixels of these samples are, in the order asked for. An unknown id is an error. */
export function locateSamples(connection: Connection, ids: readonly SampleId[]): SampleLocation[] {
  const rows = connection
    .prepare(
      `SELECT s.id, source.kind AS sourceKind, source.root AS sourceRoot, s.path, s.format, s.width, s.height, s.channels
       FROM json_each(?) wanted JOIN samples s ON s.id = wanted.value JOIN sources source ON source.id = s.sourceId
       ORDER BY wanted.key`,
    )
    .all(JSON.stringify(ids)) as SampleLocation[];
  if (rows.length === ids.length) return rows;
  const found = new Set(rows.map((row) => row.id));
  throw new AppError('sample-not-found', { sampleId: ids.find((id) => !found.has(id))! });
}
