/** @file A folder of class folders with tiny PNGs, some of them in the wrong folder: something to import in a test. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { Random } from '../src/core/base/random.ts';
import { drawShapes } from './shape-images.ts';

export interface ShapeFolder {
  /** Paths, relative to the folder, of the images that lie in the wrong class folder, with the class they belong to. */
  readonly flipped: ReadonlyMap<string, string>;
}

export async function writeShapeFolder(
  path: string,
  options: { count: number; classCount: number; size: number; seed: number; flippedShare: number },
): Promise<ShapeFolder> {
  const { count, classCount, size, seed, flippedShare } = options;
  const { bytes, labels } = drawShapes(options);
  const random = new Random(seed, 'flips');
  const wrong = new Set(random.permutation(count).subarray(0, Math.round(flippedShare * count)));
  const flipped = new Map<string, string>();
  for (let label = 0; label < classCount; label++)
    mkdirSync(join(path, className(label)), { recursive: true });
  for (let image = 0; image < count; image++) {
    const truth = labels[image]!;
    const given = wrong.has(image) ? (truth + 1 + random.integer(classCount - 1)) % classCount : truth;
    const file = `${className(given)}/${String(image).padStart(4, '0')}.png`;
    if (given !== truth) flipped.set(file, className(truth));
    const pixels = bytes.subarray(image * size * size, (image + 1) * size * size);
    await sharp(pixels, { raw: { width: size, height: size, channels: 1 } })
      .toColourspace('b-w')
      .png()
      .toFile(join(path, file));
  }
  return { flipped };
}

function className(label: number): string {
  return `bar-${label}`;
}
