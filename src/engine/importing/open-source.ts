/** @file Finds out what kind of source a path is, and lists its images with their labels. Reads no pixels. */
import { stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { AppError } from '../../core/base/app-error.ts';
import type { Split } from '../../contract/vocabulary.ts';
import type { ColumnCells } from '../storage/columns.ts';
import { findIdxPairs, isIdxName } from '../formats/idx.ts';
import { listIdxSource, type IdxSourcePart } from '../formats/idx-source.ts';
import { recogniseFolders, type FolderKind } from './folder-layout.ts';
import { LABEL_TABLE_NAMES, readLabelTable, type LabelTable } from './label-table.ts';
import { listFiles, type ListedFiles } from './list-files.ts';

export interface ListedImage {
  /** Relative to the source. */
  readonly path: string;
  readonly label: string | null;
  readonly split: Split;
  /** What a table says of it beside label and split. */
  readonly cells?: ColumnCells;
}

export interface FolderSource {
  readonly kind: FolderKind | 'labels-csv';
  readonly path: string;
  readonly images: readonly ListedImage[];
  /** Files that are no images; the label table is not among them. */
  readonly others: readonly string[];
  readonly unreadable: ListedFiles['unreadable'];
  /** Images that the label table does not name. */
  readonly unlisted: ReadonlySet<string>;
  /** What the label table names and is not there. */
  readonly absent: readonly string[];
}

export interface IdxSource {
  readonly kind: 'idx';
  readonly path: string;
  readonly parts: readonly IdxSourcePart[];
}

export type Source = FolderSource | IdxSource;

export async function openSource(sourcePath: string, signal?: AbortSignal): Promise<Source> {
  const path = resolve(sourcePath);
  const found = await stat(path).catch((cause: unknown) => {
    throw new AppError('source-not-found', { path }, { cause: cause as Error });
  });
  if (found.isFile()) return openFile(path, signal);
  const files = await listFiles(path, signal);
  if (files.unreadable.some((entry) => entry.path === '')) throw new AppError('source-not-found', { path });
  if (files.images.length === 0) return openIdxFolder(path, files.others);
  // An IDX pair beside a few pictures of it is still an IDX pair.
  const rootOthers = files.others.filter((name) => !name.includes('/'));
  if (findIdxPairs(rootOthers).length > 0) return openIdx(path);
  return openFolder(path, files, await readLabelTable(path, rootOthers));
}

async function openFile(path: string, signal?: AbortSignal): Promise<Source> {
  if (isIdxName(basename(path))) return openIdx(path);
  if (LABEL_TABLE_NAMES.includes(basename(path).toLowerCase())) return openSource(dirname(path), signal);
  throw new AppError('source-no-images', { path });
}

async function openIdx(path: string): Promise<IdxSource> {
  const parts = await listIdxSource(path);
  if (parts.length === 0) throw new AppError('source-no-images', { path });
  // Either file of a pair stands for the pair: one source, whichever was chosen.
  return { kind: 'idx', path: basename(path) === parts[0]!.labels ? parts[0]!.imagesPath : path, parts };
}

/** The pair may lie deeper: torchvision keeps it in MNIST/raw. */
async function openIdxFolder(path: string, others: readonly string[]): Promise<IdxSource> {
  const namesByFolder = Map.groupBy(others, (file) => dirname(file));
  for (const [folder, files] of namesByFolder) {
    if (findIdxPairs(files.map((file) => basename(file))).length > 0) return openIdx(join(path, folder));
  }
  throw new AppError('source-no-images', { path });
}

function openFolder(path: string, files: ListedFiles, table: LabelTable | null): FolderSource {
  const { images, others, unreadable } = files;
  if (table === null) {
    const { kind, place } = recogniseFolders(images);
    const placed = images.map((image) => ({ path: image, ...place(image) }));
    return { kind, path, images: placed, others, unreadable, unlisted: new Set(), absent: [] };
  }
  const rowOf = matchRows(table, images);
  const unlisted = images.filter((image) => !rowOf.has(image));
  const used = new Set([...rowOf.values()]);
  return {
    kind: 'labels-csv',
    path,
    images: images.map((image) => {
      const row = table.rows.get(rowOf.get(image) ?? '');
      const { label = null, split = 'train', cells } = row ?? {};
      return { path: image, label, split, ...(cells === undefined ? {} : { cells }) };
    }),
    others: others.filter((file) => !LABEL_TABLE_NAMES.includes(file.toLowerCase())),
    unreadable,
    unlisted: new Set(unlisted),
    absent: [...table.rows.keys()].filter((row) => !used.has(row)),
  };
}

/** Image path → the table's name for it: the same path, or a bare file name that only one image has. */
function matchRows(table: LabelTable, images: readonly string[]): Map<string, string> {
  const rowOf = new Map<string, string>();
  const byName = Map.groupBy(images, (image) => basename(image));
  for (const row of table.rows.keys()) {
    const namesakes = row.includes('/') ? undefined : byName.get(row);
    if (namesakes?.length === 1) rowOf.set(namesakes[0]!, row);
  }
  for (const image of images) if (table.rows.has(image)) rowOf.set(image, image);
  return rowOf;
}
