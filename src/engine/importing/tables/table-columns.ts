/** @file Which column of a table is what: by its name, or by what a person says. */
import { NO_COLUMN, type SourceChoices, type TableGuess } from '../../../contract/imports-service.ts';
import type { Split } from '../../../contract/vocabulary.ts';
import { AppError } from '../../../core/base/app-error.ts';
import { splitNamed } from '../folder-layout.ts';
import type { ColumnCells } from '../../storage/columns.ts';
import type { TableRow } from './table.ts';

export const PATH_COLUMNS: readonly string[] = [
  'path',
  'file_name',
  'filename',
  'file',
  'image_path',
  'filepath',
  'file_path',
  'img_path',
  'image',
  'img',
];
/** Columns of these names may be paths, and may be something else. */
export const DOUBTFUL_PATH_COLUMNS: readonly string[] = ['name', 'image_id', 'id'];
/** What was corrected, then the label under review: a table may also carry what is believed to be the truth. */
const LABEL_COLUMNS: readonly string[] = [
  ...[
    'corrected',
    'corrected_label',
    'given_label',
    'label',
    'labels',
    'class',
    'class_name',
    'category',
    'target',
  ],
  ...['fine_label', 'given'],
];
const SPLIT_COLUMNS: readonly string[] = ['split', 'set', 'subset', 'partition', 'fold'];

/** A label that is longer is no name of a class. */
const LONGEST_LABEL = 1000;
const EXAMPLE_COUNT = 3;
const EXAMPLE_LENGTH = 60;

/** Column names, null where there is none. */
export type TableColumns = Pick<TableGuess, 'path' | 'label' | 'split'>;

/** `guessPath` is asked where no column has a name that says it. Throws `source-column-unknown`. */
export function chooseColumns(
  file: string,
  columns: readonly string[],
  choices: SourceChoices,
  guessPath: () => string | null,
): TableColumns {
  const chosen = (choice: string | undefined, names: readonly string[]): string | null | undefined => {
    if (choice === undefined) return columnNamed(columns, names);
    if (columns.includes(choice)) return choice;
    if (choice === '' || choice === NO_COLUMN) return null;
    throw new AppError('source-column-unknown', { path: file, column: choice, columns: columns.join(', ') });
  };
  return {
    path: chosen(choices.pathColumn, PATH_COLUMNS) ?? guessPath(),
    label: chosen(choices.labelColumn, LABEL_COLUMNS) ?? null,
    split: chosen(choices.splitColumn, SPLIT_COLUMNS) ?? null,
  };
}

function columnNamed(columns: readonly string[], names: readonly string[]): string | undefined {
  const found = names.find((name) => columns.some((column) => column.toLowerCase() === name));
  return columns.find((column) => column.toLowerCase() === found);
}

export function describeTable(
  file: string,
  names: readonly string[],
  columns: TableColumns,
  rows: readonly TableRow[],
): TableGuess {
  const examplesOf = (name: string): string[] =>
    [...new Set(rows.flatMap((row) => row.get(name) ?? []))]
      .slice(0, EXAMPLE_COUNT)
      .map((text) => (text.length > EXAMPLE_LENGTH ? `${text.slice(0, EXAMPLE_LENGTH)}…` : text));
  return { file, ...columns, columns: names.map((name) => ({ name, examples: examplesOf(name) })) };
}

export interface RowSays {
  /** null: nothing, or what is too long to be a label. */
  readonly label: string | null;
  readonly isLabelTooLong: boolean;
  readonly split: Split | null;
  readonly cells: ColumnCells;
}

export function readRow(row: TableRow, columns: TableColumns): RowSays {
  const label = columns.label === null ? undefined : row.get(columns.label);
  const isLabelTooLong = (label?.length ?? 0) > LONGEST_LABEL;
  const known = [columns.path, columns.label, columns.split];
  return {
    label: isLabelTooLong ? null : (label ?? null),
    isLabelTooLong,
    split: columns.split === null ? null : splitNamed(row.get(columns.split) ?? ''),
    cells: new Map([...row].filter(([name]) => !known.includes(name))),
  };
}
