import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { starClusters } from './star-clusters.ts';

/** Alike where they lie at most this far apart on a line. */
const within = (reach: number) => (first: number, second: number) => Math.abs(first - second) <= reach;

describe('clusters about representatives', () => {
  it('put A and C together where B stands for both', () => {
    expect(starClusters([10, 11, 12], within(1))).toEqual([[11, 10, 12]]);
  });

  it('do not hand likeness on: a chain of five is two clusters', () => {
    expect(starClusters([1, 2, 3, 4, 5], within(1))).toEqual([
      [2, 1, 3],
      [4, 5],
    ]);
  });

  it('hold every item once at most, each like its representative, also where not all pairs are compared', () => {
    const ids = fc.uniqueArray(fc.integer({ min: 0, max: 3000 }), { minLength: 2, maxLength: 500 });
    fc.assert(
      fc.property(ids, fc.integer({ min: 1, max: 40 }), (found, reach) => {
        const items = found.toSorted((a, b) => a - b);
        const clusters = starClusters(items, within(reach));
        const members = clusters.flat();
        expect(new Set(members).size).toBe(members.length);
        for (const [representative, ...others] of clusters) {
          expect(others.length).toBeGreaterThan(0);
          for (const other of others) expect(within(reach)(representative!, other)).toBe(true);
        }
        const isIn = new Set(members);
        const left = items.filter((item) => !isIn.has(item));
        for (const [place, item] of left.entries())
          for (const other of left.slice(place + 1)) expect(within(reach)(item, other)).toBe(false);
      }),
      { numRuns: 30 },
    );
  });
});
