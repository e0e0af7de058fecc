/** @file Reads a table of captions: a text for each image, by its path. */
import { readFileSync } from 'node:fs';
import { parse } from 'csv-parse/sync';
import { AppError } from '../../core/base/app-error.ts';
import { likeliestDelimiter } from './tables/delimited.ts';
import { normalisePath } from './tables/image-paths.ts';
import { DOUBTFUL_PATH_COLUMNS, PATH_COLUMNS } from './tables/table-columns.ts';

const TEXT_COLUMNS = ['text', 'caption', 'captions', 'prompt', 'description'];

/** Text by path, '/' separated. Throws `source-not-found`, `source-labels-invalid` and `captions-invalid`. */
export function readCaptions(path: string): Map<string, string> {
  let content: string;
  try {
    content = readFileSync(path, 'utf8');
  } catch (cause) {
    throw new AppError('source-not-found', { path }, { cause });
  }
  const records = parseRecords(content, path);
  const header = records[0] ?? [];
  const [pathColumn, textColumn] = [
    findColumn(header, [...PATH_COLUMNS, ...DOUBTFUL_PATH_COLUMNS]),
    findColumn(header, TEXT_COLUMNS),
  ];
  if (pathColumn < 0 || textColumn < 0) {
    const missing = pathColumn < 0 ? PATH_COLUMNS : TEXT_COLUMNS;
    const reason = `none of its columns (${header.join(', ')}) is called ${missing.slice(0, 4).join(', ')} or the like`;
    throw new AppError('captions-invalid', { path, reason });
  }
  return new Map(
    records.slice(1).flatMap((record) => {
      const [file, text] = [normalisePath(record[pathColumn] ?? ''), (record[textColumn] ?? '').trim()];
      return file === '' || text === '' ? [] : [[file, text] as const];
    }),
  );
}

/** The place of the first of these names that the header has, whatever its case; −1: none. */
function findColumn(header: readonly string[], names: readonly string[]): number {
  const columns = header.map((column) => column.trim().toLowerCase());
  return names.map((name) => columns.indexOf(name)).find((index) => index >= 0) ?? -1;
}

/** The cells of a table, its header first. Throws `source-labels-invalid`. */
function parseRecords(text: string, path: string): string[][] {
  const delimiter = likeliestDelimiter(/^\uFEFF?([^\r\n]*)/.exec(text)?.[1] ?? '');
  try {
    return parse(text, { bom: true, delimiter, relax_column_count: true, skip_empty_lines: true });
  } catch (cause) {
    if (!(cause instanceof Error)) throw cause;
    throw new AppError('source-labels-invalid', { path, reason: cause.message }, { cause });
  }
}
