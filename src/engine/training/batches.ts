/** @file Batches for the network: seeded order, augmentation and normalisation of uint8 pixels. */
import { Random } from '../../core/base/random.ts';
import type { Normalization } from '../storage/models.ts';
import type { PixelSource } from './pixel-source.ts';
import { RowMemory } from './row-memory.ts';

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
  /** Numbers of one image. */
  readonly #rowLength: number;
  readonly #memory: RowMemory | null;
  readonly #rowOfTarget: Int32Array;
  readonly #columnOfTarget: Int32Array;

  /** `isReadAgain`: the same images come more than once, as in training; they are then kept as long as memory is small enough. */
  constructor(
    pixels: PixelSource,
    normalization: Normalization,
    batchSize: number,
    { isReadAgain = false }: { readonly isReadAgain?: boolean } = {},
  ) {
    const area = pixels.size * pixels.size;
    this.#rowLength = normalization.means.length * area;
    this.images = new Float32Array(batchSize * this.#rowLength);
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
    this.#memory = isReadAgain ? RowMemory.fitting(pixels.count, this.#rowLength) : null;
  }

  /** Reads these rows into `images`. */
  read(rows: Int32Array, draw: AugmentationDraw | null = null): Float32Array {
    if (draw !== null && draw.kinds.length > 0) this.#readShifted(rows, draw);
    else if (this.#memory !== null) this.#readKept(rows, this.#memory);
    else this.#readPlain(rows, 0);
    this.images.fill(0, rows.length * this.#rowLength);
    return this.images;
  }

  #readShifted(rows: Int32Array, draw: AugmentationDraw): void {
    this.#pixels.read(rows, this.#bytes);
    for (let place = 0; place < rows.length; place++) {
      this.#drawShift(rows[place]!, draw);
      this.#eachPlane(place, place, (source, target, table) => this.#fillShifted(source, target, table));
    }
  }

  #readKept(rows: Int32Array, memory: RowMemory): void {
    for (let place = 0; place < rows.length; place++) {
      const [row, offset] = [rows[place]!, place * this.#rowLength];
      if (memory.take(row, this.images, offset)) continue;
      this.#readPlain(rows.subarray(place, place + 1), place);
      memory.keep(row, this.images.subarray(offset, offset + this.#rowLength));
    }
  }

  /** These rows one after the other, the first at `firstPlace` of the batch. */
  #readPlain(rows: Int32Array, firstPlace: number): void {
    this.#pixels.read(rows, this.#bytes);
    for (let index = 0; index < rows.length; index++)
      this.#eachPlane(index, firstPlace + index, (source, target, table) =>
        this.#fillPlane(source, target, table),
      );
  }

  /** For each channel: where its plane starts in the bytes that were read, where it goes, and what a byte becomes. */
  #eachPlane(
    index: number,
    place: number,
    fill: (source: number, target: number, table: Float32Array) => void,
  ): void {
    const { channels: planes, size } = this.#pixels;
    const area = size * size;
    for (const [channel, table] of this.#tables.entries()) {
      const source = (index * planes + this.#planes[channel]!) * area;
      fill(source, place * this.#rowLength + channel * area, table);
    }
  }

  #fillPlane(source: number, start: number, table: Float32Array): void {
    const area = this.#pixels.size * this.#pixels.size;
    for (let pixel = 0; pixel < area; pixel++)
      this.images[start + pixel] = table[this.#bytes[source + pixel]!]!;
  }

  #fillShifted(source: number, start: number, table: Float32Array): void {
    const { size } = this.#pixels;
    let target = start;
    for (let y = 0; y < size; y++) {
      const line = source + this.#rowOfTarget[y]! * size;
      for (let x = 0; x < size; x++)
        this.images[target++] = table[this.#bytes[line + this.#columnOfTarget[x]!]!]!;
    }
  }

  /** Where each target line and column comes from. A crop moves the image by up to an eighth; its edge is repeated. */
  #drawShift(row: number, draw: AugmentationDraw): void {
    const { size } = this.#pixels;
    const random = new Random(draw.seed, `augmentation/${draw.epoch}/${row}`);
    const reach = Math.round(size / 8);
    const [first, second, third] = [
      random.integer(2 * reach + 1),
      random.integer(2 * reach + 1),
      random.sign(),
    ];
    const [down, right] = draw.kinds.includes('crop') ? [first - reach, second - reach] : [0, 0];
    const flipped = draw.kinds.includes('flip') && third < 0;
    for (let index = 0; index < size; index++) {
      this.#rowOfTarget[index] = clamp(index + down, size);
      this.#columnOfTarget[index] = clamp((flipped ? size - 1 - index : index) + right, size);
    }
  }
}

function clamp(index: number, size: number): number {
  return Math.min(size - 1, Math.max(0, index));
}
