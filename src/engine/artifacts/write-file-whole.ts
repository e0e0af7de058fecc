/** @file Writing a file so that it is there whole or not at all, also after a power cut. */
import { closeSync, fsyncSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { randomUUID } from 'node:crypto';

/** A single write takes less than 2 GB. */
const LARGEST_WRITE = 2 ** 30;

/** Writes the pieces one after the other to a partial name of its own and renames it to `path`. */
export function writeFileWhole(path: string, pieces: readonly Uint8Array[]): void {
  const partial = `${path}.${randomUUID()}.partial`;
  const file = openSync(partial, 'wx');
  try {
    for (const piece of pieces) writeAll(file, piece);
    fsyncSync(file);
    closeSync(file);
    renameSync(partial, path);
  } catch (error) {
    rmSync(partial, { force: true });
    throw error;
  }
}

function writeAll(file: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length;)
    at += writeSync(file, bytes, at, Math.min(LARGEST_WRITE, bytes.length - at));
}
