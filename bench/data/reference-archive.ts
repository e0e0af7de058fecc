/**
 * @file Archives of published results to compare with. They are not part of the repository: their folder is given by
 * WHENCE_REFERENCE_DATA, else looked for beside it.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { present } from '../../src/core/base/assert.ts';

const folder = process.env['WHENCE_REFERENCE_DATA'] ?? resolve('..', 'shared', 'data', 'reference');

export type ArchiveFiles = ReadonlyMap<string, Buffer>;

/** What to do where the archive is not there; null where it is. */
export function archiveMissing(name: string): string | null {
  if (existsSync(join(folder, name))) return null;
  return `${name} is not in ${folder}; set WHENCE_REFERENCE_DATA to the folder that holds it.`;
}

/** The files of a gzipped tar archive, by their path below its top folder. */
export function readArchive(name: string): ArchiveFiles {
  const tar = gunzipSync(readFileSync(join(folder, name)));
  const files = new Map<string, Buffer>();
  for (let at = 0; at + 512 <= tar.length && tar[at] !== 0;) {
    const path = tar.toString('latin1', at, at + 100).replace(/\0.*$/s, '');
    const size = Number.parseInt(tar.toString('latin1', at + 124, at + 136), 8);
    if (size > 0) files.set(path.replace(/^[^/]*\//, ''), tar.subarray(at + 512, at + 512 + size));
    at += 512 + Math.ceil(size / 512) * 512;
  }
  return files;
}

export function fileOf(files: ArchiveFiles, name: string): Buffer {
  return present(files.get(name), name);
}
