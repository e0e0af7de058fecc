import { expect, it } from 'vitest';
import { overlapCounts } from './overlap.ts';

it('counts the rows that groups have in common, with their sizes on the diagonal', () => {
  const { rows, columns, data } = overlapCounts([[0, 1, 2], Int32Array.of(2, 1), [7], []]);
  expect([rows, columns]).toEqual([4, 4]);
  expect([...data]).toEqual([3, 2, 0, 0, 2, 2, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0]);
});
