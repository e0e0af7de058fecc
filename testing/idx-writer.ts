/** @file Writes IDX files, the way the MNIST family is distributed. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

/** A header of unsigned bytes with these sizes, then the data. */
export function encodeIdx(dimensions: readonly number[], data: Uint8Array): Buffer {
  const header = Buffer.alloc(4 + 4 * dimensions.length);
  header[2] = 8;
  header[3] = dimensions.length;
  dimensions.forEach((size, index) => header.writeUInt32BE(size, 4 + 4 * index));
  return Buffer.concat([header, data]);
}

export interface IdxPairContent {
  readonly prefix: string;
  readonly labels: readonly number[];
  readonly rows: number;
  readonly columns: number;
  /** Value of a pixel, 0…255. */
  readonly pixel: (image: number, row: number, column: number) => number;
}

/** Writes '<prefix>-images-idx3-ubyte' and its labels into a folder. */
export function writeIdxPair(folder: string, content: IdxPairContent, gzip = false): void {
  const { prefix, labels, rows, columns, pixel } = content;
  const pixels = new Uint8Array(labels.length * rows * columns);
  let at = 0;
  for (let image = 0; image < labels.length; image++) {
    for (let row = 0; row < rows; row++) {
      for (let column = 0; column < columns; column++) pixels[at++] = pixel(image, row, column);
    }
  }
  const write = (name: string, bytes: Buffer): void =>
    gzip
      ? writeFileSync(join(folder, `${name}.gz`), gzipSync(bytes))
      : writeFileSync(join(folder, name), bytes);
  write(`${prefix}-images-idx3-ubyte`, encodeIdx([labels.length, rows, columns], pixels));
  write(`${prefix}-labels-idx1-ubyte`, encodeIdx([labels.length], Uint8Array.from(labels)));
}
