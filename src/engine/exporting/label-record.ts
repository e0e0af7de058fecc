/** @file One line of a label export, and how it looks as CSV and as JSON. */
import { join } from 'node:path';
import type { LabelRow } from '../storage/label-export.ts';
import { disarmPath, disarmText, formatRows } from './csv-rows.ts';

export interface LabelRecord {
  readonly path: string;
  readonly given: string | null;
  readonly corrected: string | null;
  readonly action: string | null;
  readonly score: number | null;
  readonly reviewer: string | null;
  readonly time: string | null;
  readonly sha256: string;
  /** Left out of trainings. */
  readonly excluded: boolean;
  readonly tags: readonly string[];
  /** What the imported tables say, by column. */
  readonly columns: Readonly<Record<string, string>>;
}

const COLUMNS = [
  'path',
  'given',
  'corrected',
  'action',
  'score',
  'reviewer',
  'time',
  'sha256',
  'excluded',
] as const satisfies readonly (keyof LabelRecord)[];

/** Between tags in one cell. */
const TAG_SEPARATOR = ' | ';

/** Paths are relative to the imported folder; absolute where a project has several, which may hold equal paths. */
export function toRecord(row: LabelRow, hasManySources: boolean): LabelRecord {
  const { given, corrected, action, score, reviewer, time, sha256, excluded, tags } = row;
  const path = hasManySources ? join(row.sourceRoot, row.path) : row.path;
  const columns = Object.fromEntries(row.cells);
  return { path, given, corrected, action, score, reviewer, time, sha256, excluded, tags, columns };
}

/**
 * RFC 4180: CRLF, quotes where needed, null as nothing between two commas. The columns of imported tables follow under
 * their own names; one that is called like a column of ours gets 'imported ' in front.
 */
export function csvHeader(columnNames: readonly string[]): string {
  const own = new Set<string>([...COLUMNS, 'tags']);
  const others = columnNames.map((name) => disarmText(own.has(name) ? `imported ${name}` : name));
  return formatRows([[...COLUMNS, 'tags', ...others]]);
}

export function toCsv(records: readonly LabelRecord[], columnNames: readonly string[]): string {
  return formatRows(
    records.map((record) => [
      ...COLUMNS.map((column) => {
        const value = record[column];
        if (typeof value === 'boolean') return String(value);
        if (typeof value !== 'string') return value;
        return column === 'path' ? disarmPath(value) : disarmText(value);
      }),
      disarmText(record.tags.join(TAG_SEPARATOR)),
      ...columnNames.map((name) => disarmText(record.columns[name] ?? '')),
    ]),
  );
}

export function toJsonLines(records: readonly LabelRecord[]): string {
  return records.map((record) => `${JSON.stringify(record)}\n`).join('');
}

/** Paths alone, for programs that read lists of files. */
export function toNames(records: readonly { readonly path: string }[]): string {
  return records.map(({ path }) => `${path}\n`).join('');
}
