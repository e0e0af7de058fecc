import fc from 'fast-check';
import { expect, it } from 'vitest';
import { TopList } from './top-list.ts';

const values = fc.array(fc.constantFrom(-1, 0, 0.5, 2, 3, NaN), { maxLength: 30 });
const limits = fc.integer({ min: 0, max: 6 });

function kept(offered: readonly number[], limit: number, comesFirst?: (a: number, b: number) => boolean) {
  const list = new TopList<number>(limit, comesFirst);
  for (const [place, value] of offered.entries()) list.offer(value, place);
  return list.entries().map(({ item }) => item);
}

function bySorting(offered: readonly number[], limit: number, tie: 1 | -1): number[] {
  return offered
    .map((value, place) => ({ value, place }))
    .filter(({ value }) => !Number.isNaN(value))
    .sort((a, b) => b.value - a.value || tie * (a.place - b.place))
    .slice(0, limit)
    .map(({ place }) => place);
}

it('keeps what sorting everything would keep, of equal values the first, or what comes first by another order', () => {
  fc.assert(
    fc.property(values, limits, (offered, limit) => {
      expect(kept(offered, limit)).toEqual(bySorting(offered, limit, 1));
      expect(kept(offered, limit, (a, b) => a > b)).toEqual(bySorting(offered, limit, -1));
    }),
  );
});
