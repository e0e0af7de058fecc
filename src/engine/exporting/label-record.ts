/**
 * @file One line of a label export, and how it looks as CSV and as JSON.
 *
 * [Note: Formulas] A spreadsheet runs a cell that starts like a formula, and folder names of a downloaded set are a
 * stranger's text. In CSV a path that starts so gets './' in front, which names the same file; any other text gets an
 * apostrophe, but only where it could do something (a call, a reference to a program or sheet): the classes '+', '-1' or
 * '=>' stay what they are. JSON lines are always exact.
 */
import { isAbsolute, join } from 'node:path';
import { stringify } from 'csv-stringify/sync';
import type { LabelRow } from '../storage/label-export.ts';

export interface LabelRecord {
  readonly path: string;
  readonly given: string | null;
  readonly corrected: string | null;
  readonly action: string | null;
  readonly score: number | null;
  readonly reviewer: string | null;
  readonly time: string | null;
  readonly sha256: string;
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
] as const satisfies readonly (keyof LabelRecord)[];

/** Paths are relative to the imported folder; absolute where a project has several, which may hold equal paths. */
export function toRecord(row: LabelRow, hasManySources: boolean): LabelRecord {
  const { given, corrected, action, score, reviewer, time, sha256 } = row;
  const path = hasManySources ? join(row.sourcePath, row.path) : row.path;
  return { path, given, corrected, action, score, reviewer, time, sha256 };
}

/** RFC 4180: CRLF, quotes where needed, null as nothing between two commas. */
export function csvHeader(): string {
  return formatRows([COLUMNS]);
}

export function toCsv(records: readonly LabelRecord[]): string {
  return formatRows(
    records.map((record) =>
      COLUMNS.map((column) => {
        const value = record[column];
        if (typeof value !== 'string') return value;
        return column === 'path' ? disarmPath(value) : disarmText(value);
      }),
    ),
  );
}

export function toJsonLines(records: readonly LabelRecord[]): string {
  return records.map((record) => `${JSON.stringify(record)}\n`).join('');
}

function formatRows(rows: readonly (readonly (string | number | null)[])[]): string {
  // A lone line feed, which is no record's end here, must be quoted too.
  return stringify(rows as (string | number | null)[][], {
    record_delimiter: '\r\n',
    quoted_match: /[\r\n]/,
  });
}

function disarmPath(path: string): string {
  return /^[=+\-@\t\r]/.test(path) && !isAbsolute(path) ? `./${path}` : path;
}

function disarmText(text: string): string {
  return /^[=+\-@\t\r].*[(|!]/s.test(text) ? `'${text}` : text;
}
