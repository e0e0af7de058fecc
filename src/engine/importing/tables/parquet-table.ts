/** @file The rows of a Parquet file, without the images that it may hold. */
import { throwIfCancelled } from '../../../core/base/app-error.ts';
import type { StoredFile } from '../../sources/file-tree.ts';
import { ParquetFile } from '../../sources/parquet-file.ts';
import { cellsOf } from './cell-text.ts';
import type { Table, TableRow } from './table.ts';

export async function openParquetTable(file: StoredFile): Promise<Table> {
  return parquetTable(await ParquetFile.open(file));
}

export function parquetTable(parquet: ParquetFile): Table {
  const columns = parquet.columns.filter(({ holdsBytes }) => !holdsBytes).map(({ name }) => name);
  const { classNames } = parquet;
  return {
    columns,
    rows: async function* (signal) {
      if (columns.length === 0) return yield* emptyRows(parquet.count);
      for (const group of parquet.groups) {
        throwIfCancelled(signal);
        for (const values of await parquet.rows(group, columns)) yield named(cellsOf(values), classNames);
      }
    },
  };
}

function* emptyRows(count: number): Generator<TableRow, void> {
  for (let row = 0; row < count; row++) yield new Map();
}

/** With the names of classes in place of their numbers. */
function named(row: Map<string, string>, classNames: ReadonlyMap<string, readonly string[]>): TableRow {
  for (const [column, names] of classNames) {
    const name = names[Number(row.get(column) ?? -1)];
    if (name !== undefined) row.set(column, name);
  }
  return row;
}
