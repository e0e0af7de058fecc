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
