/** @file Writes images and their labels as they stand after review, in any of the formats: one file, or a folder with the images. */
import { createHash, randomUUID } from 'node:crypto';
import { open, rename, rm, type FileHandle } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { AppError, CancelledError, throwIfCancelled } from '../../core/base/app-error.ts';
import type { ExportFormat, FilePlacement } from '../../contract/export-formats.ts';
import { ExportScope } from '../../contract/findings-service.ts';
import { listColumns } from '../storage/columns.ts';
import { countSources, hasTags, pageLabels, type LabelRow } from '../storage/label-export.ts';
import type { ProjectFolder } from '../storage/project-folder.ts';
import { exportFolder } from './export-folder.ts';
import { fileFormats, type ExportFacts, type FileFormat } from './file-formats.ts';

export interface LabelExport {
  readonly path: string;
  readonly format: ExportFormat;
  /** Of folders of images; copies where not given. */
  readonly placement?: FilePlacement;
  /** Only images whose label is not the one they came with. */
  readonly onlyChanged?: boolean;
  /** All images where not given. */
  readonly scope?: ExportScope;
}

export interface ExportedLabels {
  readonly path: string;
  readonly rows: number;
  readonly sha256: string;
}

const PAGE_SIZE = 2000;

/** File or folder appears under its name when it is whole; until then, and after a failure, what was there before stays. */
export async function exportLabels(
  { connection }: ProjectFolder,
  request: LabelExport,
  signal?: AbortSignal,
): Promise<ExportedLabels> {
  const path = resolve(request.path);
  const { format, placement = 'copy', onlyChanged = false, scope = { kind: 'all' } } = request;
  const pages = pageLabels(connection, { onlyChanged, pageSize: PAGE_SIZE, scope: ExportScope.parse(scope) });
  const facts: ExportFacts = {
    columnNames: listColumns(connection).map(({ name }) => name),
    hasManySources: countSources(connection) > 1,
    hasTags: hasTags(connection),
  };
  try {
    if (format === 'class-folders' || format === 'hf-folder' || format === 'coco')
      return { path, ...(await exportFolder({ path, format, placement }, facts, pages, signal)) };
    return {
      path,
      ...(await writeWhole(path, (file) => writeRows(file, fileFormats[format](facts), pages, signal))),
    };
  } catch (cause) {
    if (cause instanceof AppError || cause instanceof CancelledError || !(cause instanceof Error))
      throw cause;
    throw new AppError('export-failed', { path, reason: cause.message }, { cause });
  }
}

async function writeWhole<Result>(
  path: string,
  write: (file: FileHandle) => Promise<Result>,
): Promise<Result> {
  const partial = join(dirname(path), `.${basename(path)}.${randomUUID().slice(0, 8)}.partial`);
  const file = await open(partial, 'wx');
  try {
    const written = await write(file);
    await file.sync();
    await file.close();
    await rename(partial, path);
    return written;
  } catch (cause) {
    await file.close();
    await rm(partial, { force: true });
    throw cause;
  }
}

async function writeRows(
  file: FileHandle,
  format: FileFormat,
  pages: Iterable<readonly LabelRow[]>,
  signal: AbortSignal | undefined,
): Promise<{ rows: number; sha256: string }> {
  const hash = createHash('sha256');
  const write = async (piece: string | Uint8Array): Promise<void> => {
    hash.update(piece);
    await file.writeFile(piece);
  };
  let rows = 0;
  await write(format.begin());
  for (const page of pages) {
    throwIfCancelled(signal);
    await write(format.rows(page));
    rows += page.length;
  }
  await write(format.end());
  return { rows, sha256: hash.digest('hex') };
}
