/** @file The tables `columns` and `columnValues`: what imported tables say of images beside path, label and split. */
import { AppError } from '../../core/base/app-error.ts';
import type { ColumnId, SampleId } from '../../contract/vocabulary.ts';
import { transact, type Connection } from './connection.ts';

/** Cells of one row by the column's name; empty cells are left out. */
export type ColumnCells = ReadonlyMap<string, string>;

export interface ColumnEntry {
  readonly id: ColumnId;
  readonly name: string;
  /** number: every value in it is one. */
  readonly kind: 'text' | 'number';
  readonly valueCount: number;
  /** Of what it says as numbers; null: none. */
  readonly least: number | null;
  readonly greatest: number | null;
  /** The commonest values over all images, most images first. */
  readonly topValues: readonly { readonly value: string; readonly count: number }[];
}

/** More values of one column than a person chooses among. */
export const MOST_VALUES = 24;

/** In the order in which they were first imported; columns that no image has a value in are left out. */
export function listColumns(connection: Connection): ColumnEntry[] {
  const unknown = connection
    .prepare(
      `SELECT c.id FROM columns c WHERE c.id NOT IN (SELECT columnId FROM columnSummaries)
       AND EXISTS (SELECT 1 FROM columnValues v WHERE v.columnId = c.id)`,
    )
    .pluck()
    .all() as ColumnId[];
  for (const id of unknown) summarizeColumn(connection, id);
  const rows = connection
    .prepare(
      `SELECT c.id, c.name, m.kind, m.valueCount, m.least, m.greatest, m.topValues
       FROM columns c JOIN columnSummaries m ON m.columnId = c.id ORDER BY c.id`,
    )
    .all() as (Omit<ColumnEntry, 'topValues'> & { readonly topValues: string })[];
  return rows.map((row) => ({ ...row, topValues: JSON.parse(row.topValues) as ColumnEntry['topValues'] }));
}

/** Reads the whole column once; until its values change, what it found is kept. */
function summarizeColumn(connection: Connection, id: ColumnId): void {
  connection
    .prepare(
      `INSERT INTO columnSummaries (columnId, kind, valueCount, least, greatest, topValues)
       SELECT @id, iif(count(v.number) = count(*), 'number', 'text'), count(DISTINCT v.value), min(v.number), max(v.number),
              (SELECT json_group_array(json_object('value', value, 'count', count)) FROM
                (SELECT value, count(*) AS count FROM columnValues WHERE columnId = @id
                 GROUP BY value ORDER BY 2 DESC, 1 LIMIT ${MOST_VALUES}))
       FROM columnValues v WHERE v.columnId = @id`,
    )
    .run({ id });
}

export function columnNamed(connection: Connection, name: string): ColumnEntry {
  const columns = listColumns(connection);
  const found = columns.find((column) => column.name === name);
  if (found !== undefined) return found;
  const known = columns.map((column) => column.name).join(', ') || 'none';
  throw new AppError('column-not-found', { name, known });
}

/** Different values of a column, in order. */
export function listColumnValues(connection: Connection, id: ColumnId): string[] {
  return connection
    .prepare('SELECT DISTINCT value FROM columnValues WHERE columnId = ? ORDER BY value')
    .pluck()
    .all(id) as string[];
}

/** Images of a source by path get these cells instead of those they had. */
export function saveColumnCells(
  connection: Connection,
  sourceId: number,
  cells: Iterable<{ readonly path: string; readonly cells: ColumnCells }>,
): void {
  transact(connection, () => {
    const ids = new Map<string, ColumnId>();
    const idOf = (name: string): ColumnId => {
      const id = ids.get(name) ?? ensureColumn(connection, name);
      ids.set(name, id);
      return id;
    };
    const find = connection.prepare('SELECT id FROM samples WHERE sourceId = ? AND path = ?').pluck();
    connection.exec('DELETE FROM columnSummaries');
    const forget = connection.prepare('DELETE FROM columnValues WHERE sampleId = ?');
    const insert = connection.prepare(
      'INSERT INTO columnValues (columnId, sampleId, value, number) VALUES (?, ?, ?, ?)',
    );
    for (const { path, cells: row } of cells) {
      const sampleId = find.get(sourceId, path) as SampleId | undefined;
      if (sampleId === undefined) continue;
      forget.run(sampleId);
      for (const [name, value] of row) insert.run(idOf(name), sampleId, value, numberIn(value));
    }
  });
}

export function columnsOfSample(
  connection: Connection,
  id: SampleId,
): { columnId: ColumnId; name: string; value: string }[] {
  return connection
    .prepare(
      `SELECT v.columnId, c.name, v.value FROM columnValues v JOIN columns c ON c.id = v.columnId
       WHERE v.sampleId = ? ORDER BY c.id`,
    )
    .all(id) as { columnId: ColumnId; name: string; value: string }[];
}

function ensureColumn(connection: Connection, name: string): ColumnId {
  return connection
    .prepare(
      'INSERT INTO columns (name) VALUES (?) ON CONFLICT (name) DO UPDATE SET name = excluded.name RETURNING id',
    )
    .pluck()
    .get(name) as ColumnId;
}

/** '007' and '1e400' are no numbers here: what is written would not come back. */
function numberIn(value: string): number | null {
  if (!/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(value) || /^[+-]?0\d/.test(value)) return null;
  const number = Number(value);
  return Number.isFinite(number) ? number : null;
}
