/** @file Reads `labels.csv` (or `metadata.csv`): which column is what, and the rows by image path. Columns of other names come along as they are. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import { AppError } from '../../core/base/app-error.ts';
import type { Split } from '../../contract/vocabulary.ts';
import type { ColumnCells } from '../storage/columns.ts';
import { splitNamed } from './folder-layout.ts';

/** Read in the root of a source, the first that is there. */
export const LABEL_TABLE_NAMES: readonly string[] = ['labels.csv', 'metadata.csv'];

export const PATH_COLUMNS: readonly string[] = [
  'path',
  'file_name',
  'filename',
  'file',
  'image_path',
  'filepath',
  'image',
  'name',
];
/** The label under review comes first: a table may also carry what is believed to be the truth. */
const LABEL_COLUMNS = ['given_label', 'label', 'class', 'class_name', 'category', 'target'];
const SPLIT_COLUMNS = ['split', 'set', 'subset', 'partition'];

interface LabelledPath {
  readonly label: string | null;
  readonly split: Split;
  /** What the row's other columns say, by name. */
  readonly cells: ColumnCells;
}

export interface LabelTable {
  /** By path relative to the table, '/' separated. */
  readonly rows: ReadonlyMap<string, LabelledPath>;
  readonly labelColumn: string;
}

/** The table in `root`; null where there is none, or where it names no images or labels. */
export async function readLabelTable(root: string, rootFiles: readonly string[]): Promise<LabelTable | null> {
  const name = LABEL_TABLE_NAMES.map((wanted) =>
    rootFiles.find((file) => file.toLowerCase() === wanted),
  ).find((found) => found !== undefined);
  if (name === undefined) return null;
  const path = join(root, name);
  return parseLabelTable(await readFile(path, 'utf8'), path);
}

function parseLabelTable(text: string, path: string): LabelTable | null {
  const records = parseRecords(text, path);
  const header = (records[0] ?? []).map((column) => column.trim().normalize('NFC'));
  const columnOf = (names: readonly string[]): number => findColumn(header, names);
  const pathColumn = columnOf(PATH_COLUMNS);
  const labelColumn = columnOf(LABEL_COLUMNS);
  if (pathColumn < 0 || labelColumn < 0) return null;
  const splitColumn = columnOf(SPLIT_COLUMNS);
  const rows = new Map<string, LabelledPath>();
  for (const record of records.slice(1)) {
    const file = normalisePath(record[pathColumn] ?? '');
    if (file === '') continue;
    const label = (record[labelColumn] ?? '').trim();
    const split = splitNamed((record[splitColumn] ?? '').trim()) ?? 'train';
    const cells = otherCells(record, header, [pathColumn, labelColumn, splitColumn]);
    rows.set(file, { label: label === '' ? null : label, split, cells });
  }
  return { rows, labelColumn: header[labelColumn]!.toLowerCase() };
}

/** Columns without a name and empty cells are left out; of two columns with one name the first counts. */
function otherCells(
  record: readonly string[],
  names: readonly string[],
  known: readonly number[],
): ColumnCells {
  const cells = new Map<string, string>();
  for (const [index, name] of names.entries()) {
    const value = (record[index] ?? '').trim().normalize('NFC');
    if (!known.includes(index) && name !== '' && value !== '' && !cells.has(name)) cells.set(name, value);
  }
  return cells;
}

/** The place of the first of these names that the header has, whatever its case; −1: none. */
export function findColumn(header: readonly string[], names: readonly string[]): number {
  const columns = header.map((column) => column.trim().toLowerCase());
  return names.map((name) => columns.indexOf(name)).find((index) => index >= 0) ?? -1;
}

/** The cells of a table, its header first. Throws `source-labels-invalid`. */
export function parseRecords(text: string, path: string): string[][] {
  const firstLine = /^\uFEFF?([^\r\n]*)/.exec(text)?.[1] ?? '';
  const delimiter = likeliestDelimiter(firstLine);
  try {
    return parse(text, { bom: true, delimiter, relax_column_count: true, skip_empty_lines: true });
  } catch (cause) {
    if (!(cause instanceof Error)) throw cause;
    throw new AppError('source-labels-invalid', { path, reason: cause.message }, { cause });
  }
}

function likeliestDelimiter(line: string): string {
  const count = (delimiter: string): number => line.split(delimiter).length;
  return [',', ';', '\t'].reduce((best, delimiter) => (count(delimiter) > count(best) ? delimiter : best));
}

/** './images\\1.png' and 'images/1.png' are one file. */
export function normalisePath(path: string): string {
  return path.replaceAll('\\', '/').replace(/^(\.\/)+/, '');
}
