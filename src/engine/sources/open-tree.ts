/** @file The files of a source, whatever holds them; opened archives are kept, so that one image costs no look at the whole directory. */
import { stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { AppError } from '../../core/base/app-error.ts';
import { LruCache } from './lru-cache.ts';
import type { FileTree } from './file-tree.ts';
import { folderTree, openStoredFile } from './folder-tree.ts';
import { openTar } from './tar-tree.ts';
import { isPackedTarName, unpackTar } from './unpacked-tar.ts';
import { openZip } from './zip-tree.ts';

/** An archive that is used least recently gives way. */
const HELD_ARCHIVES = 4;
const held = new LruCache<Promise<FileTree>>(HELD_ARCHIVES);

const PACKED = /\.(tbz2?|txz|tar\.(bz2|xz|zst)|7z|rar)$/i;

export function isArchiveName(name: string): boolean {
  return /\.(zip|tar)$/i.test(name) || isPackedTarName(name);
}

/** The folder or archive at `path`; of another file the folder that it lies in. Throws `source-not-found` and `source-archive-invalid`. */
export async function openTree(path: string, signal?: AbortSignal): Promise<FileTree> {
  const found = await stat(path).catch((cause: unknown) => {
    throw new AppError('source-not-found', { path }, { cause: cause as Error });
  });
  if (found.isDirectory()) return folderTree(path);
  if (PACKED.test(path)) {
    const reason =
      'of archives that are compressed as a whole only .tar.gz is read; unpack it and import the folder';
    throw new AppError('source-archive-invalid', { path, reason });
  }
  if (!isArchiveName(path)) return folderTree(dirname(path));
  const key = `${path}\0${found.size}\0${found.mtimeMs}`;
  if (/\.zip$/i.test(path)) return held.get(key, async () => openZip(await openStoredFile(path), signal));
  // Looked for each time: what was inflated may be gone by now.
  const content = isPackedTarName(path) ? await unpackTar(path, signal) : path;
  return held.get(key, () => openTar(path, signal, content));
}
