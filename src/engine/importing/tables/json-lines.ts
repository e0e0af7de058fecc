/** @file JSON lines: one object a line. Read as a stream. */
import { AppError, throwIfCancelled } from '../../../core/base/app-error.ts';
import type { StoredFile } from '../../sources/file-tree.ts';
import { cellsOf } from './cell-text.ts';
import type { Table, TableRow } from './table.ts';

const LARGEST_LINE = 2 ** 20;
/** Columns are those that any of the first lines has. */
const LOOKED_AT = 200;

export async function openJsonLines(file: StoredFile): Promise<Table> {
  const columns = new Set<string>();
  let looked = 0;
  for await (const row of rows(file)) {
    for (const name of row.keys()) columns.add(name);
    if (++looked >= LOOKED_AT) break;
  }
  return { columns: [...columns], rows: (signal) => rows(file, signal) };
}

async function* rows(file: StoredFile, signal?: AbortSignal): AsyncGenerator<TableRow, void> {
  let number = 0;
  for await (const line of lines(file)) {
    throwIfCancelled(signal);
    number++;
    if (line.trim() !== '') yield parseLine(file, line, number);
  }
}

function parseLine(file: StoredFile, line: string, number: number): TableRow {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (cause) {
    throw invalid(file, `line ${number} is no JSON (${(cause as Error).message})`);
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw invalid(file, `line ${number} is no object`);
  return cellsOf(value as Record<string, unknown>);
}

async function* lines(file: StoredFile): AsyncGenerator<string, void> {
  const decoder = new TextDecoder('utf-8');
  let rest = '';
  for await (const chunk of file.stream()) {
    rest += decoder.decode(chunk, { stream: true });
    const found = rest.split('\n');
    rest = found.pop()!;
    for (const line of found) yield checked(file, line);
    if (rest.length > LARGEST_LINE) throw invalid(file, 'it has a line of more than 1 MiB');
  }
  rest += decoder.decode();
  if (rest !== '') yield checked(file, rest);
}

function checked(file: StoredFile, line: string): string {
  if (line.length > LARGEST_LINE) throw invalid(file, 'it has a line of more than 1 MiB');
  return line;
}

function invalid(file: StoredFile, reason: string): AppError {
  return new AppError('source-labels-invalid', { path: file.name, reason });
}
