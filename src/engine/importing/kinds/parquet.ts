/** @file Parquet files with the images in them, as Hugging Face keeps its data sets: a column of {bytes, path}, or of bytes. */
import { sniffImageFormat } from '../../formats/image-format.ts';
import { placeInArray } from '../../sources/image-array.ts';
import { bytesOfCell, ParquetFile } from '../../sources/parquet-file.ts';
import { splitOfName } from '../folder-layout.ts';
import {
  problemOf,
  type ListedImage,
  type Listing,
  type Recognition,
  type SourceLook,
} from '../source-look.ts';
import { parquetTable } from '../tables/parquet-table.ts';
import { chooseColumns, describeTable, readRow } from '../tables/table-columns.ts';
import { firstRows } from '../tables/table.ts';
import type { FoundProblem } from '../../storage/imports.ts';

interface OpenedFile {
  /** Below the tree. */
  readonly path: string;
  readonly parquet: ParquetFile;
}

const EXAMPLE_ROWS = 20;

export async function recogniseParquet(look: SourceLook): Promise<Recognition | null> {
  const paths = look.files.others.filter((path) => /\.parquet$/i.test(path));
  if (paths.length === 0 || (look.only === null && look.files.images.length > 0)) return null;
  const files: OpenedFile[] = [];
  for (const path of paths) files.push({ path, parquet: await ParquetFile.open(await look.tree.file(path)) });
  const column = await imageColumn(files, look.choices.pathColumn);
  if (column === null) return null;
  return { kind: 'parquet', confidence: 'certain', list: () => listFiles(look, files, column) };
}

/** The column whose first cell is an image; null: none. */
async function imageColumn(files: readonly OpenedFile[], chosen: string | undefined): Promise<string | null> {
  const filled = files.find(({ parquet }) => parquet.count > 0)?.parquet;
  if (filled === undefined) return null;
  for (const { name } of filled.columns.filter((column) => column.holdsBytes)) {
    if (chosen !== undefined && chosen !== name) continue;
    const rows = await filled.rows(
      filled.groups.find(({ from, to }) => to > from)!,
      [name],
    );
    const bytes = rows.map((row) => bytesOfCell(row[name])).find((cell) => cell !== null && cell.length > 0);
    if (bytes !== undefined && bytes !== null && sniffImageFormat(bytes) !== null) return name;
  }
  return null;
}

async function listFiles(
  { choices, files: { others }, signal }: SourceLook,
  files: readonly OpenedFile[],
  column: string,
): Promise<Listing> {
  const images: ListedImage[] = [];
  const problems: FoundProblem[] = [];
  const first = parquetTable(files[0]!.parquet);
  const columns = {
    ...chooseColumns(files[0]!.path, first.columns, withoutPath(choices), () => null),
    path: column,
  };
  for (const { path, parquet } of files) {
    const isOther = !parquet.columns.some(({ name, holdsBytes }) => name === column && holdsBytes);
    if (isOther) {
      problems.push(problemOf(path, 'unsupported', `it has no column ${column} of images`));
      continue;
    }
    const tableSplit = splitOfName(path) ?? 'train';
    let index = 0;
    for await (const row of parquetTable(parquet).rows(signal)) {
      const { label, split, cells, isLabelTooLong } = readRow(row, columns);
      const place = placeInArray(`${path}/${column}`, index++);
      if (isLabelTooLong)
        problems.push(problemOf(place, 'label-unknown', 'its label has more than 1,000 characters'));
      images.push({ path: place, label, split: split ?? tableSplit, cells });
    }
  }
  const names = files.map(({ path }) => path);
  const described = [column, ...first.columns];
  return {
    images,
    others: others.filter((file) => !names.includes(file)),
    problems,
    table: describeTable(
      names.length === 1 ? names[0]! : `${names.length} files`,
      described,
      columns,
      await firstRows(first, EXAMPLE_ROWS),
    ),
  };
}

/** The column of images is no column of the table. */
function withoutPath(choices: SourceLook['choices']): SourceLook['choices'] {
  return { ...choices, pathColumn: undefined };
}
