/** @file Writes the labels as they stand after review: CSV for spreadsheets and loaders, JSON lines for programs. */
import { createHash, randomUUID } from 'node:crypto';
import { open, rename, rm, type FileHandle } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { AppError, CancelledError, throwIfCancelled } from '../../core/base/app-error.ts';
import { ExportScope } from '../../contract/findings-service.ts';
import type { ExportFormat } from '../../contract/vocabulary.ts';
import { listColumns } from '../storage/columns.ts';
import { countSources, pageLabels } from '../storage/label-export.ts';
import type { ProjectFolder } from '../storage/project-folder.ts';
import { csvHeader, toCsv, toJsonLines, toNames, toRecord, type LabelRecord } from './label-record.ts';

export interface LabelExport {
  readonly path: string;
  readonly format: ExportFormat;
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

const formatters: Readonly<
  Record<ExportFormat, (records: readonly LabelRecord[], columnNames: readonly string[]) => string>
> = { csv: toCsv, jsonl: toJsonLines, names: toNames };

/** The file appears under its name when it is whole; until then, and after a failure, what was there before stays. */
export async function exportLabels(
  folder: ProjectFolder,
  request: LabelExport,
  signal?: AbortSignal,
): Promise<ExportedLabels> {
  const path = resolve(request.path);
  const partial = join(dirname(path), `.${basename(path)}.${randomUUID().slice(0, 8)}.partial`);
  try {
    const file = await open(partial, 'wx');
    try {
      const written = await writeRows(folder, request, file, signal);
      await file.sync();
      await file.close();
      await rename(partial, path);
      return { path, ...written };
    } catch (cause) {
      await file.close();
      await rm(partial, { force: true });
      throw cause;
    }
  } catch (cause) {
    if (cause instanceof AppError || cause instanceof CancelledError || !(cause instanceof Error))
      throw cause;
    throw new AppError('export-failed', { path, reason: cause.message }, { cause });
  }
}

async function writeRows(
  { connection }: ProjectFolder,
  { format, onlyChanged = false, scope = { kind: 'all' } }: LabelExport,
  file: FileHandle,
  signal: AbortSignal | undefined,
): Promise<{ rows: number; sha256: string }> {
  const hash = createHash('sha256');
  const write = async (text: string): Promise<void> => {
    hash.update(text);
    await file.writeFile(text);
  };
  const hasManySources = countSources(connection) > 1;
  let rows = 0;
  const columnNames = listColumns(connection).map(({ name }) => name);
  if (format === 'csv') await write(csvHeader(columnNames));
  for (const page of pageLabels(connection, {
    ...{ onlyChanged, pageSize: PAGE_SIZE },
    scope: ExportScope.parse(scope),
  })) {
    throwIfCancelled(signal);
    const records = page.map((row) => toRecord(row, hasManySources));
    await write(formatters[format](records, columnNames));
    rows += records.length;
  }
  return { rows, sha256: hash.digest('hex') };
}
