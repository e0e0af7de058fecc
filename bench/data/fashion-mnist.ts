/** @file Fashion-MNIST as Debian ships it (package dataset-fashion-mnist). */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Random } from '../../src/core/base/random.ts';
import { readIdxPair } from '../../src/engine/formats/idx.ts';
import { memoryPixels, type PixelSource } from '../../src/engine/training/pixel-source.ts';

/** Holds the four files of the set, gzipped IDX. */
export const fashionFolder = process.env['WHENCE_FASHION_MNIST'] ?? '/usr/share/datasets/fashion-mnist';

export const fashionClassCount = 10;

/** What to do where the images are not there; null where they are. */
export function fashionMissing(): string | null {
  if (existsSync(join(fashionFolder, 'train-images-idx3-ubyte.gz'))) return null;
  return `Fashion-MNIST is not in ${fashionFolder}: apt-get install dataset-fashion-mnist, or set WHENCE_FASHION_MNIST.`;
}

export interface LabelledPixels {
  readonly pixels: PixelSource;
  readonly labels: Int32Array;
}

/** Training images drawn by the seed, in drawn order. */
export async function drawFashion(count: number, seed: number): Promise<LabelledPixels> {
  const pair = await readIdxPair(
    join(fashionFolder, 'train-images-idx3-ubyte.gz'),
    join(fashionFolder, 'train-labels-idx1-ubyte.gz'),
  );
  const { count: total, rows: side } = pair;
  const drawn = new Random(seed, 'bench/images').permutation(total).subarray(0, count);
  const bytes = new Uint8Array(count * side * side);
  const labels = new Int32Array(count);
  for (const [place, image] of drawn.entries()) {
    const start = image * side * side;
    bytes.set(pair.images.data.subarray(start, start + side * side), place * side * side);
    labels[place] = pair.labels[image]!;
  }
  return { pixels: memoryPixels(bytes, 1, side), labels };
}
