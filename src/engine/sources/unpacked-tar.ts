/**
 * @file Tars that are compressed as a whole (.tar.gz, .tgz), inflated once into a folder of this machine's temporary files: of a stream nobody
 * reads one image without all before it. What has not been used for a week gives way; what is gone is inflated again when it is needed.
 *
 * [Note: Inflated tars] The folder belongs to this user alone, so that nobody else can put a file where one is expected. An archive may grow
 * to 64 MiB, or to 100 times its size, and never beyond the room on the disk.
 */
import { createHash, randomUUID } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { lstat, mkdir, readdir, rename, rm, stat, statfs, utimes } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { AppError, throwIfCancelled } from '../../core/base/app-error.ts';

const FREE_OF_RATIO_BYTES = 64 * 2 ** 20;
const LARGEST_RATIO = 100;
const KEPT_MS = 7 * 24 * 3600e3;

export function isPackedTarName(name: string): boolean {
  return /\.(tgz|tar\.gz)$/i.test(name);
}

/** Where the tar in this archive lies inflated. Throws `source-archive-invalid`. */
export async function unpackTar(path: string, signal?: AbortSignal): Promise<string> {
  const { size, mtimeMs } = await stat(path);
  const folder = await ownFolder(path);
  const key = createHash('sha256').update(`${path}\0${size}\0${mtimeMs}`).digest('hex').slice(0, 32);
  const target = join(folder, `${key}.tar`);
  const now = new Date();
  const isThere = await utimes(target, now, now).then(
    () => true,
    () => false,
  );
  if (isThere) return target;
  await removeUnused(folder);
  const { bavail, bsize } = await statfs(folder);
  const limit = Math.max(FREE_OF_RATIO_BYTES, LARGEST_RATIO * size);
  const partial = `${target}.${randomUUID().slice(0, 8)}.partial`;
  try {
    await pipeline(
      createReadStream(path),
      createGunzip({ chunkSize: 1 << 20 }),
      stopAt(limit, bavail * bsize),
      createWriteStream(partial, { flags: 'wx', mode: 0o600 }),
      ...(signal === undefined ? [] : ([{ signal }] as const)),
    );
    await rename(partial, target);
  } catch (cause) {
    await rm(partial, { force: true });
    throwIfCancelled(signal);
    throw invalid(path, (cause as Error).message);
  }
  return target;
}

function stopAt(limit: number, room: number): Transform {
  let bytes = 0;
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      bytes += chunk.length;
      if (bytes > limit) done(new Error(`it expands more than ${LARGEST_RATIO} times`));
      else if (bytes > room) done(new Error('there is no room on the disk to inflate it'));
      else done(null, chunk);
    },
  });
}

async function ownFolder(archive: string): Promise<string> {
  const user = process.getuid?.() ?? null;
  const folder = join(tmpdir(), user === null ? 'whence-archives' : `whence-archives-${user}`);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const found = await lstat(folder);
  if (!found.isDirectory() || (user !== null && found.uid !== user))
    throw invalid(archive, `${folder}, where it would be inflated, belongs to somebody else`);
  return folder;
}

/** Best effort: another Whence may be doing the same. */
async function removeUnused(folder: string): Promise<void> {
  const latest = Date.now() - KEPT_MS;
  for (const name of await readdir(folder)) {
    const path = join(folder, name);
    const found = await stat(path).catch(() => null);
    if (found !== null && found.mtimeMs < latest) await rm(path, { force: true }).catch(() => undefined);
  }
}

function invalid(path: string, reason: string): AppError {
  return new AppError('source-archive-invalid', { path, reason });
}
