/**
 * @file Tables that name images and say what they are: CSV, JSON lines or Parquet, one for the whole source, one a split
 * ('train.csv'), or one in each split's folder (Hugging Face's image folders). What no column says, folders may say.
 */
import { basename, posix } from 'node:path';
import type { Confidence } from '../../../contract/imports-service.ts';
import { hasImageExtension } from '../../formats/image-format.ts';
import type { FoundProblem } from '../../storage/imports.ts';
import { recogniseFolders, splitNamed, splitOfName, type FolderLayout } from '../folder-layout.ts';
import {
  problemOf,
  type ListedImage,
  type Listing,
  type Recognition,
  type SourceLook,
} from '../source-look.ts';
import { ImagePaths, type LocatedImage } from '../tables/image-paths.ts';
import {
  chooseColumns,
  describeTable,
  DOUBTFUL_PATH_COLUMNS,
  PATH_COLUMNS,
  readRow,
  type TableColumns,
} from '../tables/table-columns.ts';
import { isTableName, openTable } from '../tables/open-table.ts';
import { firstRows, type Table, type TableRow } from '../tables/table.ts';

/** Tables of these names are meant for the whole of a source. */
export const TABLE_NAMES: readonly string[] = ['labels', 'metadata', 'manifest'];

const LOOKED_AT = 100;
const ROWS_AT_ONCE = 2000;

interface OpenedTable {
  /** Below the tree. */
  readonly file: string;
  readonly folder: string;
  readonly table: Table;
}

interface Guess {
  readonly columns: TableColumns;
  readonly rows: readonly TableRow[];
  /** Of the rows looked at, the share whose image is there. */
  readonly share: number;
}

export async function recogniseManifest(look: SourceLook): Promise<Recognition | null> {
  const { files, only } = look;
  const paths = new ImagePaths(look.tree, only === null ? files.images : null);
  for (const names of candidatesOf(look)) {
    const tables = await openTables(look, names);
    const first = tables[0];
    if (first === undefined) continue;
    const guess = await guessColumns(look, first, paths);
    if (guess === null || (guess.share === 0 && only === null && look.choices.pathColumn === undefined))
      continue;
    return {
      kind: 'manifest',
      confidence: confidenceOf(guess.share),
      list: () => listTables(look, tables, guess, paths),
    };
  }
  return null;
}

/** A table without images describes something else; a chosen one is taken at its word. */
function candidatesOf({ files, only }: SourceLook): string[][] {
  if (only !== null) return isTableName(only) ? [[only]] : [];
  return files.images.length === 0 ? [] : candidateTables(files.others);
}

function confidenceOf(share: number): Confidence {
  return share >= 0.9 ? 'certain' : share >= 0.5 ? 'likely' : 'guess';
}

/** Sets of tables that may describe the source, the likeliest first. */
function candidateTables(others: readonly string[]): string[][] {
  const tables = others.filter((path) => isTableName(path));
  const stem = (path: string): string =>
    basename(path)
      .replace(/\.[^.]+$/, '')
      .toLowerCase();
  const inRoot = tables.filter((path) => !path.includes('/'));
  const named = TABLE_NAMES.flatMap((name) => inRoot.filter((path) => stem(path) === name));
  const ofSplits = inRoot.filter((path) => splitNamed(stem(path)) !== null);
  const inFolders = tables.filter((path) => path.split('/').length > 1 && stem(path) === 'metadata');
  const unnamed = inRoot.filter((path) => !named.includes(path) && !ofSplits.includes(path));
  return [...named.map((path) => [path]), ofSplits, inFolders, ...unnamed.map((path) => [path])].filter(
    (names) => names.length > 0,
  );
}

async function openTables({ tree }: SourceLook, names: readonly string[]): Promise<OpenedTable[]> {
  const tables: OpenedTable[] = [];
  for (const file of names)
    tables.push({ file, folder: posix.dirname(file), table: await openTable(await tree.file(file), file) });
  return tables;
}

/** By name, else the column of which most cells are images that are there; null: no column can be it. */
async function guessColumns(
  { choices, only }: SourceLook,
  { file, folder, table }: OpenedTable,
  paths: ImagePaths,
): Promise<Guess | null> {
  const rows = await firstRows(table, LOOKED_AT);
  const shareOf = async (column: string, names: readonly string[]): Promise<[string, number]> => {
    const located = await paths.locate(folder, names);
    return [column, located.filter(({ kind }) => kind === 'found').length / Math.max(1, rows.length)];
  };
  const cellsIn = (column: string): string[] => rows.map((row) => row.get(column) ?? '');
  const isCalled = (column: string, names: readonly string[]): boolean =>
    names.includes(column.toLowerCase());
  const shares: [string, number][] = [];
  // What is called a path may lack its extension; a number in another column only happens to be the name of an image.
  for (const name of table.columns)
    shares.push(
      await shareOf(
        name,
        isCalled(name, PATH_COLUMNS) ? cellsIn(name) : cellsIn(name).filter(hasImageExtension),
      ),
    );
  for (const name of table.columns.filter((column) => isCalled(column, DOUBTFUL_PATH_COLUMNS)))
    shares.push(await shareOf(name, cellsIn(name)));
  const best = shares.find(
    ([, share]) => share > 0 && share === Math.max(...shares.map((entry) => entry[1])),
  );
  const columns = chooseColumns(file, table.columns, choices, () => best?.[0] ?? null);
  const path = choices.pathColumn === undefined ? (best?.[0] ?? columns.path) : columns.path;
  // Of a chosen table a person says which it is.
  const shown = path ?? (only === null ? null : (table.columns[0] ?? null));
  if (shown === null) return null;
  return { columns: { ...columns, path: shown }, rows, share: (await shareOf(shown, cellsIn(shown)))[1] };
}

async function listTables(
  look: SourceLook,
  tables: readonly OpenedTable[],
  { columns, rows }: Guess,
  paths: ImagePaths,
): Promise<Listing> {
  const { files, only } = look;
  const reading = new ManifestReading(
    columns,
    files.images.length === 0 ? null : recogniseFolders(files.images),
  );
  for (const opened of tables) await reading.read(opened, paths, look.signal);
  const { images, problems } = reading;
  const unlisted = only === null ? files.images.filter((path) => !images.has(path)) : [];
  const folders = reading.folders;
  for (const path of unlisted) {
    images.set(path, { path, label: null, split: 'train', ...folders?.place(path) });
    problems.push(
      problemOf(path, 'label-unknown', 'the label table does not name it; imported without its label'),
    );
  }
  const names = new Set(tables.map(({ file }) => file));
  return {
    // In the order of the files where there is one, so that a table's order changes nothing.
    images: only === null ? files.images.map((path) => images.get(path)!) : [...images.values()],
    others: only === null ? files.others.filter((file) => !names.has(file) && !isMeantForSource(file)) : [],
    problems,
    table: describeTable(tables.map(({ file }) => file).join(', '), tables[0]!.table.columns, columns, rows),
  };
}

function isMeantForSource(file: string): boolean {
  return TABLE_NAMES.some((name) => file.toLowerCase() === `${name}.csv`);
}

/** Rows as they come in. */
class ManifestReading {
  readonly images = new Map<string, ListedImage>();
  readonly problems: FoundProblem[] = [];
  /** Say the label where the table has none; null: they say nothing. */
  readonly folders: FolderLayout | null;
  readonly #columns: TableColumns;

  constructor(columns: TableColumns, folders: FolderLayout | null) {
    this.#columns = columns;
    this.folders = columns.label === null ? folders : null;
  }

  async read(
    { file, folder, table }: OpenedTable,
    paths: ImagePaths,
    signal: AbortSignal | undefined,
  ): Promise<void> {
    const tableSplit = splitOfName(basename(file)) ?? splitNamed(folder.split('/')[0]!);
    let batch: TableRow[] = [];
    const flush = async (): Promise<void> => {
      const names = batch.map((row) => row.get(this.#columns.path!) ?? '');
      const located = await paths.locate(folder, names);
      for (const [index, row] of batch.entries()) this.#take(row, names[index]!, located[index]!, tableSplit);
      batch = [];
    };
    for await (const row of table.rows(signal)) {
      if (row.has(this.#columns.path!)) batch.push(row);
      if (batch.length >= ROWS_AT_ONCE) await flush();
    }
    await flush();
  }

  #take(row: TableRow, name: string, image: LocatedImage, tableSplit: ListedImage['split'] | null): void {
    if (image.kind === 'absent') {
      this.problems.push(problemOf(name, 'vanished', 'the label table names it, and it is not there'));
    } else if (image.kind === 'refused') {
      this.problems.push(problemOf(name, 'unsafe-path', image.detail));
    } else if (!this.images.has(image.path)) {
      this.images.set(image.path, this.#describe(row, image.path, tableSplit));
    }
  }

  #describe(row: TableRow, path: string, tableSplit: ListedImage['split'] | null): ListedImage {
    const { label, split, cells, isLabelTooLong } = readRow(row, this.#columns);
    if (isLabelTooLong)
      this.problems.push(problemOf(path, 'label-unknown', 'its label has more than 1,000 characters'));
    const place = this.folders?.place(path) ?? { label: null, split: null };
    return { path, cells, label: label ?? place.label, split: split ?? tableSplit ?? place.split ?? 'train' };
  }
}
