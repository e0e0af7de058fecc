/** @file Hands a chosen subset on as a file: a manifest that loaders read, or the names alone. */
import { createHash } from 'node:crypto';
import { join, resolve } from 'node:path';
import { AppError } from '../../core/base/app-error.ts';
import type { ExportFormat, FilePlacement } from '../../contract/export-formats.ts';
import type { SubsetId } from '../../contract/vocabulary.ts';
import { writeFileWhole } from '../artifacts/write-file-whole.ts';
import { countSources } from '../storage/label-export.ts';
import type { ProjectFolder } from '../storage/project-folder.ts';
import { listExportRows, readSubset, type SubsetExportRow } from '../storage/subsets.ts';
import { disarmPath, disarmText, formatRows } from './csv-rows.ts';
import { exportLabels } from './export-labels.ts';
import { toNames } from './label-record.ts';

export interface SubsetExport {
  readonly id: SubsetId;
  readonly path: string;
  readonly format: ExportFormat;
  readonly placement?: FilePlacement;
}

/** One image: path, present label, split, score of the strategy, hash of the file. */
type ManifestRow = Omit<SubsetExportRow, 'sourceRoot'>;

/** File or folder appears under its name when it is whole. CSV, JSON lines and names tell the strategy's score; the others are those of labels. */
export async function exportSubset(
  folder: ProjectFolder,
  request: SubsetExport,
): Promise<{ path: string; rows: number; sha256: string }> {
  const { connection } = folder;
  const { id: subsetId, ...where } = request;
  readSubset(connection, subsetId);
  const { format } = request;
  if (!isScored(format)) return exportLabels(folder, { ...where, scope: { kind: 'subset', subsetId } });
  const path = resolve(request.path);
  // Several sources may hold equal paths.
  const isAbsolutePath = countSources(connection) > 1;
  const rows = listExportRows(connection, subsetId).map(({ sourceRoot, ...row }): ManifestRow => ({
    ...row,
    path: isAbsolutePath ? join(sourceRoot, row.path) : row.path,
  }));
  const bytes = Buffer.from(scoredFormats[format](rows));
  try {
    writeFileWhole(path, [bytes]);
  } catch (cause) {
    throw new AppError('export-failed', { path, reason: (cause as Error).message }, { cause });
  }
  return { path, rows: rows.length, sha256: createHash('sha256').update(bytes).digest('hex') };
}

type ScoredFormat = Extract<ExportFormat, 'csv' | 'jsonl' | 'names'>;

function isScored(format: ExportFormat): format is ScoredFormat {
  return format in scoredFormats;
}

const scoredFormats: Readonly<Record<ScoredFormat, (rows: readonly ManifestRow[]) => string>> = {
  csv: (rows) =>
    formatRows([
      ['path', 'label', 'split', 'score', 'sha256'],
      ...rows.map(({ path, label, split, score, sha256 }) => [
        disarmPath(path),
        label === null ? null : disarmText(label),
        split,
        score,
        sha256,
      ]),
    ]),
  jsonl: (rows) =>
    rows
      .map(({ path, label, split, score, sha256 }) => JSON.stringify({ path, label, split, score, sha256 }))
      .map((line) => `${line}\n`)
      .join(''),
  names: toNames,
};
