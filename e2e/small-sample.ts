/** @file A few hundred images of the embedded sample as class folders: real, planted errors among them, and quick to learn. */
import { copyFile, mkdir, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { samplePath } from './places.ts';

const plantedCount = 24;
const cleanCount = 216;

interface Row {
  readonly file: string;
  readonly label: string;
  readonly planted: boolean;
}

/** Writes `<target>/<given label>/<file>`; the same images every time. */
export async function writeSmallSample(target: string): Promise<void> {
  const rows = await readRows();
  const planted = rows.filter((row) => row.planted).slice(0, plantedCount);
  const clean = rows.filter((row) => !row.planted).slice(0, cleanCount);
  await rm(target, { recursive: true, force: true });
  for (const row of [...planted, ...clean]) {
    const folder = path.join(target, row.label);
    await mkdir(folder, { recursive: true });
    await copyFile(path.join(samplePath, row.file), path.join(folder, path.basename(row.file)));
  }
}

async function readRows(): Promise<Row[]> {
  const text = await readFile(path.join(samplePath, 'labels.csv'), 'utf8');
  const [head = '', ...lines] = text.trim().split(/\r?\n/);
  const columns = head.split(',');
  const cell = (cells: readonly string[], name: string) => cells[columns.indexOf(name)] ?? '';
  return lines
    .map((line) => line.split(','))
    .map((cells) => ({
      file: cell(cells, 'path'),
      label: cell(cells, 'given_label'),
      planted: cell(cells, 'planted') === '1',
    }));
}
