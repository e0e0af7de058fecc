/**
 * @file The images of a run, decoded once into one uint8 file under the project's cache folder. The file is written piece by
 * piece, so that a stopped run goes on where it was; rows are read from it by number, so that memory stays bounded.
 */
import { createHash } from 'node:crypto';
import {
  closeSync,
  existsSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  readdirSync,
  readSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { AppError, throwIfCancelled } from '../../core/base/app-error.ts';
import type { CancelSignal } from '../../core/base/cancel-signal.ts';
import type { SampleId } from '../../contract/vocabulary.ts';
import { memoryPixels, type PixelSource } from './pixel-source.ts';

/** Raise when decoding or resizing changes: old caches are then not used. */
const DECODER_VERSION = 1;
const PIECE_ROWS = 256;
/** A cache up to this size is held in memory as well. */
const MEMORY_BYTES = 256 * 2 ** 20;
/** The newest caches that are kept; older ones are deleted when another is made. */
const KEPT_CACHES = 3;

export interface CachedImage {
  readonly id: SampleId;
  readonly sha256: string;
}

export type ReadPixels = (
  sampleIds: readonly SampleId[],
  shape: { readonly size: number; readonly channels: 1 | 3 },
) => Promise<Uint8Array>;

export interface PixelCacheRequest {
  readonly cachePath: string;
  readonly images: readonly CachedImage[];
  readonly size: number;
  readonly channels: 1 | 3;
  readonly readPixels: ReadPixels;
  readonly signal: CancelSignal;
  readonly onProgress: (done: number) => void;
}

/** Opens the cache of these images, decoding what is not in it yet. */
export async function openPixelCache(request: PixelCacheRequest): Promise<PixelSource> {
  const path = join(request.cachePath, `pixels-${cacheKey(request)}.u8`);
  if (!existsSync(path)) {
    await fillCache(`${path}.partial`, request);
    renameSync(`${path}.partial`, path);
  }
  const now = new Date();
  utimesSync(path, now, now);
  forgetOldCaches(request.cachePath);
  return openSource(path, request);
}

function cacheKey({ images, size, channels }: PixelCacheRequest): string {
  const hash = createHash('sha256').update(`${DECODER_VERSION} ${size} ${channels}\n`);
  for (const { id, sha256 } of images) hash.update(`${id} ${sha256}\n`);
  return hash.digest('hex').slice(0, 24);
}

/** Appends the pieces that are missing; what an earlier, stopped attempt wrote whole is kept. */
async function fillCache(path: string, request: PixelCacheRequest): Promise<void> {
  const { images, size, channels, signal } = request;
  const rowBytes = channels * size * size;
  const file = openSync(path, existsSync(path) ? 'r+' : 'w+');
  try {
    const written = Math.floor(fstatSync(file).size / (PIECE_ROWS * rowBytes)) * PIECE_ROWS;
    let done = Math.min(written, images.length);
    ftruncateSync(file, done * rowBytes);
    while (done < images.length) {
      throwIfCancelled(signal);
      const piece = images.slice(done, done + PIECE_ROWS);
      const bytes = await request.readPixels(
        piece.map((image) => image.id),
        { size, channels },
      );
      writeSync(file, bytes, 0, bytes.length, done * rowBytes);
      done += piece.length;
      request.onProgress(done);
    }
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

function openSource(path: string, { images, size, channels }: PixelCacheRequest): PixelSource {
  const rowBytes = channels * size * size;
  const expected = images.length * rowBytes;
  const found = statSync(path).size;
  if (found !== expected)
    throw new AppError('artifact-damaged', { path, reason: `it has ${found} bytes, not ${expected}` });
  const file = openSync(path, 'r');
  if (expected <= MEMORY_BYTES) {
    const bytes = new Uint8Array(expected);
    readWhole(file, bytes);
    closeSync(file);
    return memoryPixels(bytes, channels, size);
  }
  return {
    count: images.length,
    channels,
    size,
    read: (rows, target) => {
      for (let place = 0; place < rows.length; place++)
        readSync(file, target, place * rowBytes, rowBytes, rows[place]! * rowBytes);
    },
    close: () => closeSync(file),
  };
}

function readWhole(file: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length;) {
    const count = readSync(file, bytes, at, Math.min(2 ** 26, bytes.length - at), at);
    if (count === 0) return;
    at += count;
  }
}

function forgetOldCaches(cachePath: string): void {
  const caches = readdirSync(cachePath)
    .filter((name) => name.startsWith('pixels-') && name.endsWith('.u8'))
    .map((name) => ({ path: join(cachePath, name), usedMs: statSync(join(cachePath, name)).mtimeMs }))
    .sort((a, b) => b.usedMs - a.usedMs);
  for (const { path } of caches.slice(KEPT_CACHES)) rmSync(path, { force: true });
}
