/** @file Opens a table by the ending of its name. */
import { AppError } from '../../../core/base/app-error.ts';
import { extensionOf } from '../../formats/image-format.ts';
import type { StoredFile } from '../../sources/file-tree.ts';
import { openDelimited } from './delimited.ts';
import { openJsonLines } from './json-lines.ts';
import { openParquetTable } from './parquet-table.ts';
import type { Table } from './table.ts';

const openers: Readonly<Record<string, (file: StoredFile) => Promise<Table>>> = {
  '.csv': openDelimited,
  '.tsv': openDelimited,
  '.jsonl': openJsonLines,
  '.ndjson': openJsonLines,
  '.parquet': openParquetTable,
};

export function isTableName(path: string): boolean {
  return extensionOf(path) in openers;
}

/** Reads the columns. Throws `source-labels-invalid` and `source-array-invalid`. */
export async function openTable(file: StoredFile, path: string): Promise<Table> {
  try {
    return await openers[extensionOf(path)]!(file);
  } catch (cause) {
    if (cause instanceof AppError || !(cause instanceof Error)) throw cause;
    throw new AppError('source-labels-invalid', { path: file.name, reason: cause.message }, { cause });
  }
}
