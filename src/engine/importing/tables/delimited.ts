/** @file Tables with separators: CSV in every dialect that spreadsheets write. Read as a stream. */
import { Readable } from 'node:stream';
import { parse, type Options } from 'csv-parse';
import { AppError, throwIfCancelled } from '../../../core/base/app-error.ts';
import type { StoredFile } from '../../sources/file-tree.ts';
import { cutCell } from './cell-text.ts';
import type { Table, TableRow } from './table.ts';

const HEAD_BYTES = 2 ** 16;
/** A row that is longer is a quote that nobody closed, or no table. */
const LARGEST_ROW = 2 ** 20;

export async function openDelimited(file: StoredFile): Promise<Table> {
  const head = Buffer.from(await file.read(0, HEAD_BYTES)).toString('utf8');
  const delimiter = likeliestDelimiter(/^\uFEFF?([^\r\n]*)/.exec(head)?.[1] ?? '');
  const options: Options = {
    ...{
      bom: true,
      delimiter,
      relax_column_count: true,
      skip_empty_lines: true,
      max_record_size: LARGEST_ROW,
    },
  };
  let columns: string[] = [];
  for await (const record of records(file, options)) {
    columns = record.map(cutCell);
    break;
  }
  return {
    columns: [...new Set(columns)].filter((name) => name !== ''),
    rows: async function* (signal) {
      let isHeader = true;
      for await (const record of records(file, options)) {
        throwIfCancelled(signal);
        if (!isHeader) yield toRow(columns, record);
        isHeader = false;
      }
    },
  };
}

/** Columns without a name and empty cells are left out; of two columns with one name the first counts. */
function toRow(columns: readonly string[], record: readonly string[]): TableRow {
  const row = new Map<string, string>();
  for (const [index, name] of columns.entries()) {
    const value = cutCell(record[index] ?? '');
    if (name !== '' && value !== '' && !row.has(name)) row.set(name, value);
  }
  return row;
}

async function* records(file: StoredFile, options: Options): AsyncGenerator<string[], void> {
  const source = Readable.from(file.stream(), { objectMode: false });
  const parser = parse(options);
  source.on('error', (cause) => parser.destroy(cause));
  source.pipe(parser);
  try {
    for await (const record of parser) yield record as string[];
  } catch (cause) {
    if (cause instanceof AppError || !(cause instanceof Error)) throw cause;
    throw new AppError('source-labels-invalid', { path: file.name, reason: cause.message }, { cause });
  } finally {
    source.destroy();
    parser.destroy();
  }
}

/** The separator that the first line has most of. */
export function likeliestDelimiter(line: string): string {
  const count = (delimiter: string): number => line.split(delimiter).length;
  return [',', ';', '\t'].reduce((best, delimiter) => (count(delimiter) > count(best) ? delimiter : best));
}
