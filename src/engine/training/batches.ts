/** @file Batches for the network: seeded order, augmentation and normalisation of uint8 pixels. */
import { Random } from '../../core/base/random.ts';
import type { Normalization } from '../storage/models.ts';
import type { PixelSource } from './pixel-source.ts';

export type Augmentation = 'flip' | 'crop';

/** Which random change an image gets: fixed by the seed, the epoch and the image, not by its place in a batch. */
export interface AugmentationDraw {
  readonly kinds: readonly Augmentation[];
  readonly seed: number;
  readonly epoch: number;
}

/** The training rows in the order of one epoch. */
export function epochOrder(rows: Int32Array, seed: number, stream: string, epoch: number): Int32Array {
  return new Random(seed, `order/${stream}/${epoch}`).shuffle(Int32Array.from(rows));
}

/** Fills the same buffer again and again: a batch is valid until the next one is read. */
export class BatchReader {
  /** Normalised pixels [batchSize, channels of the network, size, size]; rows past the last image are zero. */
  readonly images: Float32Array;
  readonly #pixels: PixelSource;
  readonly #bytes: Uint8Array;
  /** Per channel: byte → normalised value. */
  readonly #tables: readonly Float32Array[];
  /** Per channel: the plane of the pixels that it reads. */
  readonly #planes: readonly number[];
  readonly #rowOfTarget: Int32Array;
  readonly #columnOfTarget: Int32Array;

  constructor(pixels: PixelSource, normalization: Normalization, batchSize: number) {
    const area = pixels.size * pixels.size;
    this.images = new Float32Array(batchSize * normalization.means.length * area);
    this.#bytes = new Uint8Array(batchSize * pixels.channels * area);
    this.#pixels = pixels;
    this.#planes = normalization.sources ?? normalization.means.map((_, channel) => channel);
    this.#tables = normalization.means.map((mean, channel) =>
      Float32Array.from(
        { length: 256 },
        (_, value) => (value / 255 - mean) / normalization.deviations[channel]!,
      ),
    );
    this.#rowOfTarget = new Int32Array(pixels.size);
    this.#columnOfTarget = new Int32Array(pixels.size);
  }

  /** Reads these rows into `images`. */
  read(rows: Int32Array, draw: AugmentationDraw | null = null): Float32Array {
    const { channels: planes, size } = this.#pixels;
    const channels = this.#tables.length;
    this.#pixels.read(rows, this.#bytes);
    for (let place = 0; place < rows.length; place++) {
      this.#drawShift(rows[place]!, draw);
      for (const [channel, table] of this.#tables.entries()) {
        const source = (place * planes + this.#planes[channel]!) * size * size;
        this.#fillPlane(source, (place * channels + channel) * size * size, table);
      }
    }
    this.images.fill(0, rows.length * channels * size * size);
    return this.images;
  }

  #fillPlane(source: number, start: number, table: Float32Array): void {
    const { size } = this.#pixels;
    let target = start;
    for (let y = 0; y < size; y++) {
      const line = source + this.#rowOfTarget[y]! * size;
      for (let x = 0; x < size; x++)
        this.images[target++] = table[this.#bytes[line + this.#columnOfTarget[x]!]!]!;
    }
  }

  /** Where each target line and column comes from. A crop moves the image by up to an eighth; its edge is repeated. */
  #drawShift(row: number, draw: AugmentationDraw | null): void {
    const { size } = this.#pixels;
    let down = 0;
    let right = 0;
    let flipped = false;
    if (draw !== null && draw.kinds.length > 0) {
      const random = new Random(draw.seed, `augmentation/${draw.epoch}/${row}`);
      const reach = Math.round(size / 8);
      const [first, second, third] = [
        random.integer(2 * reach + 1),
        random.integer(2 * reach + 1),
        random.sign(),
      ];
      if (draw.kinds.includes('crop')) [down, right] = [first - reach, second - reach];
      flipped = draw.kinds.includes('flip') && third < 0;
    }
    for (let index = 0; index < size; index++) {
      this.#rowOfTarget[index] = clamp(index + down, size);
      this.#columnOfTarget[index] = clamp((flipped ? size - 1 - index : index) + right, size);
    }
  }
}

function clamp(index: number, size: number): number {
  return Math.min(size - 1, Math.max(0, index));
}
