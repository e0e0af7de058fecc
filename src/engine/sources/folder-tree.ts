/** @file The files of a folder. */
import { createReadStream } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { FileTree, StoredFile } from './file-tree.ts';
import { listFiles } from './list-files.ts';

export function folderTree(path: string): FileTree {
  return {
    container: 'folder',
    path,
    list: (signal) => listFiles(path, signal),
    file: (name) => openStoredFile(join(path, name)),
  };
}

export async function openStoredFile(path: string): Promise<StoredFile> {
  const { size, mtimeMs } = await stat(path);
  return {
    name: path,
    bytes: size,
    modifiedMs: Math.round(mtimeMs),
    read: (from, length) => readRange(path, from, Math.min(length, Math.max(0, size - from))),
    stream: () => createReadStream(path, { highWaterMark: 1 << 20 }),
  };
}

/** Fewer bytes than asked for where the file ends. */
export async function readRange(
  path: string,
  from: number,
  length: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = new Uint8Array(length);
  const file = await open(path);
  try {
    let filled = 0;
    while (filled < length) {
      const { bytesRead } = await file.read(bytes, filled, length - filled, from + filled);
      if (bytesRead === 0) return bytes.slice(0, filled);
      filled += bytesRead;
    }
    return bytes;
  } finally {
    await file.close();
  }
}
