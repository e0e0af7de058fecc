/** @file Latents read from the file that keeps them. */
import { assert } from '../../core/base/assert.ts';
import type { RowFile } from '../artifacts/row-file.ts';
import type { AugmentationDraw } from '../training/batches.ts';
import type { ImageReader } from './clean-images.ts';

export class LatentReader implements ImageReader {
  readonly #file: RowFile;
  readonly #length: number;
  #buffer = new Float32Array(0);

  /** `length`: numbers of one row. */
  constructor(file: RowFile, length: number) {
    this.#file = file;
    this.#length = length;
  }

  read(rows: Int32Array, draw: AugmentationDraw | null = null): Float32Array[] {
    assert(draw === null || draw.kinds.length === 0, 'latents are not augmented');
    const length = this.#length;
    if (this.#buffer.length < rows.length * length) this.#buffer = new Float32Array(rows.length * length);
    this.#file.read(rows, new Uint8Array(this.#buffer.buffer));
    return Array.from(rows, (_, place) => this.#buffer.subarray(place * length, (place + 1) * length));
  }
}
