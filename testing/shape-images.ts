/** @file Tiny grey images of a few classes that a small network learns in seconds: a bright bar whose place is the class. */
import { Random } from '../src/core/base/random.ts';

export interface ShapeImages {
  /** [count, 1, size, size] */
  readonly bytes: Uint8Array;
  /** Class index of each image: they take turns. */
  readonly labels: Int32Array;
}

export function drawShapes(options: {
  count: number;
  classCount: number;
  size: number;
  seed: number;
}): ShapeImages {
  const { count, classCount, size, seed } = options;
  const random = new Random(seed, 'shapes');
  const bytes = new Uint8Array(count * size * size);
  const labels = Int32Array.from({ length: count }, (_, image) => image % classCount);
  for (let image = 0; image < count; image++) {
    const first = Math.floor((labels[image]! * size) / classCount);
    const last = Math.floor(((labels[image]! + 1) * size) / classCount);
    for (let pixel = 0; pixel < size * size; pixel++) {
      const row = Math.floor(pixel / size);
      const isBar = row >= first && row < last;
      bytes[image * size * size + pixel] = random.integer(90) + (isBar ? 70 + random.integer(90) : 0);
    }
  }
  return { bytes, labels };
}
