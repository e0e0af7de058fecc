/** @file The images of a run, decoded once into one uint8 file under the project's cache folder. */
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { CancelSignal } from '../../core/base/cancel-signal.ts';
import type { SampleId } from '../../contract/vocabulary.ts';
import { forgetOldFiles, openRowFile } from '../artifacts/row-file.ts';
import type { PixelSource } from './pixel-source.ts';

/** Raise when decoding or resizing changes: old caches are then not used. */
const DECODER_VERSION = 1;
const PIECE_ROWS = 256;
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
  const { cachePath, images, size, channels, readPixels, signal, onProgress } = request;
  const file = await openRowFile({
    path: join(cachePath, `pixels-${pixelHash(request)}.u8`),
    rowBytes: channels * size * size,
    count: images.length,
    pieceRows: PIECE_ROWS,
    make: (from, to) =>
      readPixels(
        images.slice(from, to).map((image) => image.id),
        { size, channels },
      ),
    ...{ signal, onProgress },
  });
  forgetOldFiles(cachePath, 'pixels-', '.u8', KEPT_CACHES);
  return { ...file, count: images.length, channels, size };
}

/** Of everything that the pixels of these images depend on. */
export function pixelHash({
  images,
  size,
  channels,
}: Pick<PixelCacheRequest, 'images' | 'size' | 'channels'>): string {
  const hash = createHash('sha256').update(`${DECODER_VERSION} ${size} ${channels}\n`);
  for (const { id, sha256 } of images) hash.update(`${id} ${sha256}\n`);
  return hash.digest('hex').slice(0, 24);
}
