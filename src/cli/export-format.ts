/** @file The format of an exported file by its ending. */
import path from 'node:path';
import type { ExportFormat } from '../contract/vocabulary.ts';

const formatOfEnding: Readonly<Record<string, ExportFormat>> = {
  '.csv': 'csv',
  '.jsonl': 'jsonl',
  '.txt': 'names',
};

/** `otherwise` for an ending that says nothing. */
export function formatOf(file: string, otherwise: ExportFormat): ExportFormat {
  return formatOfEnding[path.extname(file)] ?? otherwise;
}
