/** @file The one list of what images and their labels are handed on as. */
import { z } from 'zod';

/**
 * csv, jsonl: the whole review of every image · names: the paths alone · manifest…: path, label, split, tags and imported columns,
 * which imports read back · issues: label issues in cleanlab's columns · class-folders, hf-folder, coco: image files.
 */
export const ExportFormat = z.enum([
  'csv',
  'jsonl',
  'names',
  'manifest-csv',
  'manifest-jsonl',
  'manifest-parquet',
  'issues',
  'class-folders',
  'hf-folder',
  'coco',
]);
export type ExportFormat = z.infer<typeof ExportFormat>;

/** Ending of the file; null: a folder is written. */
export const exportEndings: Readonly<Record<ExportFormat, string | null>> = {
  csv: 'csv',
  jsonl: 'jsonl',
  names: 'txt',
  'manifest-csv': 'csv',
  'manifest-jsonl': 'jsonl',
  'manifest-parquet': 'parquet',
  issues: 'csv',
  'class-folders': null,
  'hf-folder': null,
  coco: null,
};

export function writesFolder(format: ExportFormat): boolean {
  return exportEndings[format] === null;
}

/** How image files come into a folder: as copies, or as symbolic links where they have a file of their own. */
export const FilePlacement = z.enum(['copy', 'link']);
export type FilePlacement = z.infer<typeof FilePlacement>;
