import { afterAll, describe, expect, it } from 'vitest';
import { Random } from '../../core/base/random.ts';
import { createOrtMatrixEngine } from '../runtime/ort-matrix-engine.ts';
import { nearestImages } from './nearest-images.ts';

const engine = createOrtMatrixEngine({ threads: 1 });
afterAll(() => engine.dispose());

const LENGTH = 6;
const random = new Random(1, 'images');
const images = Array.from({ length: 1300 }, () =>
  Float32Array.from({ length: LENGTH }, () => 2 * random.uniform() - 1),
);
const read = (rows: Int32Array): Float32Array[] => Array.from(rows, (row) => images[row]!);
const numbers = (from: number, to: number): Int32Array =>
  Int32Array.from({ length: to - from }, (_, index) => from + index);

function distance(a: number, b: number): number {
  return images[a]!.reduce((sum, value, index) => sum + (value - images[b]![index]!) ** 2, 0);
}

describe('the nearest images', () => {
  it('are those of a search through all of them, nearest first', async () => {
    const [rows, others] = [numbers(0, 4), numbers(4, 1300)];
    const found = await nearestImages(read, rows, others, 10, engine);
    for (const row of rows) {
      const all = Array.from(others).sort((a, b) => distance(row, a) - distance(row, b));
      expect(Array.from(found[row]!)).toEqual(all.slice(0, 10));
    }
  });

  it('are all where fewer are there than are asked for', async () => {
    const [found] = await nearestImages(read, numbers(0, 1), numbers(1, 4), 10, engine);
    expect(Array.from(found!).sort()).toEqual([1, 2, 3]);
  });

  it('begin with the image itself where it is among the others', async () => {
    const [found] = await nearestImages(read, numbers(7, 8), numbers(0, 20), 2, engine);
    expect(found![0]).toBe(7);
  });

  it('are found for images in any number of pieces', async () => {
    const found = await nearestImages(read, numbers(0, 1100), numbers(1100, 1300), 1, engine);
    expect(found).toHaveLength(1100);
    const nearest = Array.from(numbers(1100, 1300)).sort((a, b) => distance(1099, a) - distance(1099, b))[0];
    expect(found[1099]![0]).toBe(nearest);
  });
});
