/** @file Clean images as a denoiser sees them: pixels in −1 … 1, or latents. */
import type { RunContext } from '../runs/run-context.ts';
import type { PresentSample } from '../storage/labelled-samples.ts';
import type { ProjectFolder } from '../storage/project-folder.ts';
import { BatchReader, type AugmentationDraw } from '../training/batches.ts';
import { openPixelCache, type ReadPixels } from '../training/pixel-cache.ts';
import type { PixelSource } from '../training/pixel-source.ts';
import { signedPixels } from './denoiser.ts';

export interface CleanImages {
  /** What the numbers depend on besides the files of the images, for hashes. */
  readonly identity: Readonly<Record<string, string | number>>;
  /** With buffers of its own. */
  reader(): ImageReader;
  close(): void;
}

export interface ImageReader {
  /** One [C·H·W] per row, valid until the next are read. Latents have no augmentation. */
  read(rows: Int32Array, draw?: AugmentationDraw | null): Float32Array[];
}

export interface CleanImageRequest {
  readonly folder: Pick<ProjectFolder, 'cachePath'>;
  /** A row for each. */
  readonly samples: readonly PresentSample[];
  readonly readPixels: ReadPixels;
  readonly context: Pick<RunContext, 'signal' | 'progress'>;
}

/** Side and channels of the square pictures of which a denoiser's images are made, and which it makes. */
export interface PictureShape {
  readonly size: number;
  readonly channels: 1 | 3;
}

/** Decodes what is not kept from before. The caller closes them. */
export async function openPixelImages(
  { folder, samples, readPixels, context }: CleanImageRequest,
  picture: PictureShape,
): Promise<CleanImages> {
  const pixels = await openPixelCache({
    cachePath: folder.cachePath,
    images: samples,
    ...picture,
    readPixels,
    signal: context.signal,
    onProgress: (count) => context.progress('Reading images', null, { images: count }),
  });
  return pixelImages(pixels);
}

export function pixelImages(pixels: PixelSource): CleanImages {
  const { size, channels } = pixels;
  return {
    identity: { size, channels },
    reader: () => new PixelReader(pixels),
    close: () => pixels.close(),
  };
}

class PixelReader implements ImageReader {
  readonly #pixels: PixelSource;
  #reader: BatchReader | null = null;
  #capacity = 0;

  constructor(pixels: PixelSource) {
    this.#pixels = pixels;
  }

  read(rows: Int32Array, draw: AugmentationDraw | null = null): Float32Array[] {
    const { channels, size } = this.#pixels;
    const length = channels * size ** 2;
    if (this.#reader === null || this.#capacity < rows.length) {
      this.#capacity = rows.length;
      this.#reader = new BatchReader(this.#pixels, signedPixels(channels), rows.length, {
        isReadAgain: true,
      });
    }
    const images = this.#reader.read(rows, draw);
    return Array.from(rows, (_, place) => images.subarray(place * length, (place + 1) * length));
  }
}
