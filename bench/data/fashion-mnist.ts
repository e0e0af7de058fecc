/** @file Fashion-MNIST as Debian ships it (package dataset-fashion-mnist). */
import { existsSync } from 'node:fs';
import { join } from 'node:path';

/** Holds the four files of the set, gzipped IDX. */
export const fashionFolder = process.env['WHENCE_FASHION_MNIST'] ?? '/usr/share/datasets/fashion-mnist';

export const fashionClassCount = 10;

/** What to do where the images are not there; null where they are. */
export function fashionMissing(): string | null {
  if (existsSync(join(fashionFolder, 'train-images-idx3-ubyte.gz'))) return null;
  return `Fashion-MNIST is not in ${fashionFolder}: apt-get install dataset-fashion-mnist, or set WHENCE_FASHION_MNIST.`;
}
