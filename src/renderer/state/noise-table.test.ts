import { expect, it } from 'vitest';
import type { ClassId } from '../../contract/vocabulary.ts';
import { makeNoiseTable } from './noise-table.ts';

const [bag, coat, shirt, hat] = [1, 2, 3, 4] as unknown as [ClassId, ClassId, ClassId, ClassId];

it('the noise table has a row per class with images, its share of wrong labels, and the mix-ups by frequency', () => {
  const cells = [
    { given: coat, truth: coat, count: 6 },
    { given: coat, truth: shirt, count: 2 },
    { given: shirt, truth: shirt, count: 5 },
    { given: shirt, truth: coat, count: 5 },
    { given: bag, truth: bag, count: 3 },
  ];
  const table = makeNoiseTable({ cells }, [hat, shirt, coat, bag]);
  expect(table.classes).toEqual([shirt, coat, bag]);
  expect(table.rows.map(({ wrong, share }) => [wrong, share])).toEqual([
    [5, 0.5],
    [2, 0.25],
    [0, 0],
  ]);
  expect(table.countOf(coat, shirt)).toBe(2);
  expect(table.countOf(bag, coat)).toBe(0);
  expect(table.mixUps.map(({ count }) => count)).toEqual([5, 2]);
});
