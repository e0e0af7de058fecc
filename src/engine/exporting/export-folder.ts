/**
 * @file Hands images on as a folder: of class folders ('train/owl/1.png'), or of one folder a split with a table beside the images, as Hugging
 * Face's image folders and COCO have it (`folder-tables.ts`). The folder appears under its name when it is whole. Originals are copied, or linked to on request.
 */
import { createHash, randomUUID, type Hash } from 'node:crypto';
import { mkdir, rename, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { ExportFormat, FilePlacement } from '../../contract/export-formats.ts';
import { AppError, throwIfCancelled } from '../../core/base/app-error.ts';
import { toImageFile } from '../images/original.ts';
import { createSampleReader } from '../images/sample-files.ts';
import type { LabelRow } from '../storage/label-export.ts';
import type { ExportFacts } from './file-formats.ts';
import { fileNameOf, safeName, UniqueNames } from './folder-names.ts';
import { cocoTable, huggingFaceTable, noTable, type FolderTable } from './folder-tables.ts';

export type FolderFormat = Extract<ExportFormat, 'class-folders' | 'hf-folder' | 'coco'>;

const tables: Readonly<Record<FolderFormat, (root: string, facts: ExportFacts) => FolderTable>> = {
  'class-folders': () => noTable,
  'hf-folder': huggingFaceTable,
  coco: cocoTable,
};

interface FolderExport {
  readonly path: string;
  readonly format: FolderFormat;
  readonly placement: FilePlacement;
}

/** Pages of rows in, a folder out. `sha256` is that of its list of files, each with its own. Throws `export-failed` and `sample-file-missing`. */
export async function exportFolder(
  { path, format, placement }: FolderExport,
  facts: ExportFacts,
  pages: Iterable<readonly LabelRow[]>,
  signal?: AbortSignal,
): Promise<{ rows: number; sha256: string }> {
  await refuseExisting(path);
  const partial = join(dirname(path), `.${basename(path)}.${randomUUID().slice(0, 8)}.partial`);
  await mkdir(partial);
  const writing = new FolderWriting(partial, format, placement, facts);
  try {
    for (const page of pages)
      for (const row of page) {
        throwIfCancelled(signal);
        await writing.add(row);
      }
    const written = await writing.close();
    await rename(partial, path);
    return written;
  } catch (cause) {
    await writing.close().catch(() => undefined);
    await rm(partial, { recursive: true, force: true });
    throw cause;
  }
}

async function refuseExisting(path: string): Promise<void> {
  if ((await stat(path).catch(() => null)) === null) return;
  throw new AppError('export-failed', { path, reason: 'there is something of this name already' });
}

class FolderWriting {
  readonly #root: string;
  readonly #format: FolderFormat;
  readonly #placement: FilePlacement;
  readonly #table: FolderTable;
  readonly #read = createSampleReader();
  readonly #hash: Hash = createHash('sha256');
  /** Folder of a class by its name; two classes never share one. */
  readonly #classFolders = new Map<string, string>();
  readonly #classNames = new UniqueNames();
  /** Names taken in each folder. */
  readonly #files = new Map<string, UniqueNames>();
  #rows = 0;

  constructor(root: string, format: FolderFormat, placement: FilePlacement, facts: ExportFacts) {
    this.#root = root;
    this.#format = format;
    this.#placement = placement;
    this.#table = tables[format](root, facts);
  }

  async add(row: LabelRow): Promise<void> {
    const folder = this.#folderOf(row);
    const names = this.#files.get(folder) ?? new UniqueNames();
    if (!this.#files.has(folder)) await mkdir(join(this.#root, folder), { recursive: true });
    this.#files.set(folder, names);
    const name = names.take(fileNameOf(row));
    await this.#place(row, join(this.#root, folder, name));
    this.#hash.update(`${folder}/${name} ${row.sha256}\n`);
    await this.#table.add(row, name);
    this.#rows++;
  }

  async close(): Promise<{ rows: number; sha256: string }> {
    await this.#table.close();
    return { rows: this.#rows, sha256: this.#hash.copy().digest('hex') };
  }

  /** Images without a label lie beside the folders of classes. */
  #folderOf({ split, corrected }: LabelRow): string {
    if (this.#format !== 'class-folders' || corrected === null) return split;
    const folder = this.#classFolders.get(corrected) ?? this.#classNames.take(safeName(corrected));
    this.#classFolders.set(corrected, folder);
    return `${split}/${folder}`;
  }

  async #place(row: LabelRow, target: string): Promise<void> {
    const original = join(row.sourceRoot, row.path);
    const hasFile = this.#placement === 'link' && (await stat(original).catch(() => null))?.isFile() === true;
    if (hasFile) await symlink(original, target);
    else await writeFile(target, await toImageFile(await this.#read(row)));
  }
}
