/** @file Reads a table of captions: a text for each image, by its path. */
import { readFileSync } from 'node:fs';
import { AppError } from '../../core/base/app-error.ts';
import { findColumn, normalisePath, parseRecords, PATH_COLUMNS } from './label-table.ts';

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
  const [pathColumn, textColumn] = [findColumn(header, PATH_COLUMNS), findColumn(header, TEXT_COLUMNS)];
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
