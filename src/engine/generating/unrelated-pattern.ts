/** @file A pattern unlike any image: what nothing should be found for. */
import { createHash } from 'node:crypto';
import { Random } from '../../core/base/random.ts';
import type { PictureShape } from './clean-images.ts';

/** Side of the blocks of the pattern, as a share of the image's. */
const BLOCKS = 4;

/** Blocks of random brightness: far from any picture, and of the same range of pixels. */
export function unrelatedPattern(
  { channels, size }: PictureShape,
  seed: number,
): { key: string; picture: Float32Array } {
  const random = new Random(seed, 'unrelated pattern');
  const levels = Float32Array.from({ length: channels * BLOCKS ** 2 }, () => 2 * random.uniform() - 1);
  const picture = new Float32Array(channels * size ** 2);
  for (let index = 0; index < picture.length; index++) {
    const x = index % size;
    const y = Math.floor(index / size) % size;
    const block = Math.floor((y * BLOCKS) / size) * BLOCKS + Math.floor((x * BLOCKS) / size);
    picture[index] = levels[Math.floor(index / size ** 2) * BLOCKS ** 2 + block]!;
  }
  return { key: createHash('sha256').update(new Uint8Array(picture.buffer)).digest('hex'), picture };
}
