/** @file The tables `subsets` and `subsetMembers`: chosen training images, and what choosing them does. */
import { AppError } from '../../core/base/app-error.ts';
import type { Subset } from '../../contract/subsets-service.ts';
import type { RunId, SampleId, SubsetId } from '../../contract/vocabulary.ts';
import { transact, type Connection } from './connection.ts';

/** A subset before it is stored: not measured yet. */
export type NewSubset = Omit<Subset, 'id' | 'sampleCount' | 'measured' | 'createdAt'>;

export interface SubsetMember {
  readonly sampleId: SampleId;
  /** Of the strategy; null where it has none for this image. */
  readonly score: number | null;
}

/** Fields that are kept as JSON. */
const structured = ['choices', 'classes', 'folders', 'predicted', 'measured'] as const;
type Structured = (typeof structured)[number];
type SubsetRow = Omit<Subset, Structured> & Readonly<Record<Structured, string | null>>;

const COLUMNS = `s.*, (SELECT count(*) FROM subsetMembers m WHERE m.subsetId = s.id) AS sampleCount`;

/** Stores a run's subset, its members in the order in which they were chosen. */
export function saveSubset(
  connection: Connection,
  subset: NewSubset,
  members: readonly SubsetMember[],
): SubsetId {
  return transact(connection, () => {
    const { lastInsertRowid } = connection
      .prepare(
        `INSERT INTO subsets (runId, modelId, name, strategy, choices, keep, candidateCount, classes, folders, predicted, createdAt)
         VALUES (@runId, @modelId, @name, @strategy, @choices, @keep, @candidateCount, @classes, @folders, @predicted, @createdAt)`,
      )
      .run({
        ...subset,
        choices: JSON.stringify(subset.choices),
        classes: JSON.stringify(subset.classes),
        folders: JSON.stringify(subset.folders),
        predicted: subset.predicted === null ? null : JSON.stringify(subset.predicted),
        createdAt: new Date().toISOString(),
      });
    const insert = connection.prepare(
      'INSERT INTO subsetMembers (subsetId, sampleId, position, score) VALUES (?, ?, ?, ?)',
    );
    members.forEach(({ sampleId, score }, position) =>
      insert.run(lastInsertRowid, sampleId, position, score),
    );
    return Number(lastInsertRowid) as SubsetId;
  });
}

export function saveMeasurement(
  connection: Connection,
  id: SubsetId,
  measured: NonNullable<Subset['measured']>,
): void {
  connection
    .prepare('UPDATE subsets SET measured = @measured WHERE id = @id')
    .run({ id, measured: JSON.stringify(measured) });
}

/** Newest first. */
export function listSubsets(connection: Connection): Subset[] {
  const rows = connection.prepare(`SELECT ${COLUMNS} FROM subsets s ORDER BY s.id DESC`).all() as SubsetRow[];
  return rows.map(toSubset);
}

export function readSubset(connection: Connection, id: SubsetId): Subset {
  const row = connection.prepare(`SELECT ${COLUMNS} FROM subsets s WHERE s.id = ?`).get(id) as
    SubsetRow | undefined;
  if (row === undefined) throw new AppError('subset-not-found', { subsetId: id });
  return toSubset(row);
}

/** The subset that a run chose, or null. */
export function findSubsetOfRun(connection: Connection, runId: RunId): SubsetId | null {
  const id = connection.prepare('SELECT id FROM subsets WHERE runId = ?').pluck().get(runId);
  return (id as SubsetId | undefined) ?? null;
}

/** In the order in which they were chosen; fails where there is no such subset. */
export function listMembers(connection: Connection, id: SubsetId): SubsetMember[] {
  readSubset(connection, id);
  return connection
    .prepare('SELECT sampleId, score FROM subsetMembers WHERE subsetId = ? ORDER BY position')
    .all(id) as SubsetMember[];
}

export function renameSubset(connection: Connection, id: SubsetId, name: string): void {
  requireChange(connection.prepare('UPDATE subsets SET name = ? WHERE id = ?').run(name, id).changes, id);
}

export function removeSubset(connection: Connection, id: SubsetId): void {
  requireChange(connection.prepare('DELETE FROM subsets WHERE id = ?').run(id).changes, id);
}

function requireChange(changes: number, subsetId: SubsetId): void {
  if (changes === 0) throw new AppError('subset-not-found', { subsetId });
}

/** One image of a subset, as it is handed on. */
export interface SubsetExportRow {
  readonly sourceRoot: string;
  readonly path: string;
  readonly label: string | null;
  readonly split: string;
  readonly score: number | null;
  readonly sha256: string;
}

/** In the order of import. */
export function listExportRows(connection: Connection, id: SubsetId): SubsetExportRow[] {
  return connection
    .prepare(
      `SELECT source.root AS sourceRoot, s.path, c.name AS label, s.split, m.score, s.sha256
       FROM subsetMembers m JOIN samples s ON s.id = m.sampleId JOIN sources source ON source.id = s.sourceId
       LEFT JOIN classes c ON c.id = s.label
       WHERE m.subsetId = ? ORDER BY s.id`,
    )
    .all(id) as SubsetExportRow[];
}

/** Path of each image that is there, relative to its source. */
export function listSamplePaths(connection: Connection): Map<SampleId, string> {
  const rows = connection.prepare('SELECT id, path FROM samples WHERE missing = 0').all();
  return new Map((rows as { id: SampleId; path: string }[]).map(({ id, path }) => [id, path]));
}

function toSubset(row: SubsetRow): Subset {
  const parsed = structured.map((name) => [name, row[name] === null ? null : JSON.parse(row[name])] as const);
  return { ...row, ...(Object.fromEntries(parsed) as Record<Structured, unknown>) } as Subset;
}
