/** @file Images as denoisers see them: pixels in −1 … 1. */
import { BatchReader, type AugmentationDraw } from '../training/batches.ts';
import type { PixelSource } from '../training/pixel-source.ts';
import { signedPixels } from './denoiser.ts';

export class CleanImages {
  readonly #pixels: PixelSource;
  readonly #channels: number;
  #reader: BatchReader | null = null;
  #capacity = 0;

  constructor(pixels: PixelSource, channels: number) {
    this.#pixels = pixels;
    this.#channels = channels;
  }

  /** One [C·H·W] per row, valid until the next are read. */
  read(rows: Int32Array, draw: AugmentationDraw | null = null): Float32Array[] {
    const length = this.#channels * this.#pixels.size ** 2;
    if (this.#reader === null || this.#capacity < rows.length) {
      this.#capacity = rows.length;
      const normalization = signedPixels(this.#channels);
      this.#reader = new BatchReader(this.#pixels, normalization, rows.length, { isReadAgain: true });
    }
    const images = this.#reader.read(rows, draw);
    return Array.from(rows, (_, place) => images.subarray(place * length, (place + 1) * length));
  }
}
