/** @file Sheets of images that a training makes along the way: one PNG each, named by the step at which it was made. */
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { AppError } from '../../core/base/app-error.ts';
import type { RunId } from '../../contract/vocabulary.ts';
import { writeFileWhole } from '../artifacts/write-file-whole.ts';
import { encodeContactSheet } from '../images/encode-pixels.ts';
import type { ProjectFolder } from '../storage/project-folder.ts';
import { toPixels } from './make-images.ts';

type Folder = Pick<ProjectFolder, 'modelsPath'>;

/** Images on a sheet. */
export const SHEET_COUNT = 16;

function sheetsPath({ modelsPath }: Folder, runId: RunId): string {
  return join(modelsPath, `run-${runId}`, 'sheets');
}

/** Steps at which there is a sheet, rising. */
export function listSheets(folder: Folder, runId: RunId): number[] {
  const path = sheetsPath(folder, runId);
  if (!existsSync(path)) return [];
  return readdirSync(path)
    .flatMap((name) => {
      const match = /^(\d+)\.png$/.exec(name);
      return match === null ? [] : [Number(match[1])];
    })
    .sort((a, b) => a - b);
}

export function readSheet(folder: Folder, runId: RunId, step: number): Uint8Array<ArrayBuffer> {
  const file = join(sheetsPath(folder, runId), `${step}.png`);
  if (!existsSync(file)) throw new AppError('artifact-damaged', { path: file, reason: 'it is missing' });
  return Uint8Array.from(readFileSync(file));
}

export async function writeSheet(
  folder: Folder,
  runId: RunId,
  step: number,
  images: readonly Float32Array[],
  shape: { readonly channels: number; readonly size: number },
): Promise<void> {
  const path = sheetsPath(folder, runId);
  mkdirSync(path, { recursive: true });
  writeFileWhole(join(path, `${step}.png`), [await encodeContactSheet(images.map(toPixels), shape)]);
}
