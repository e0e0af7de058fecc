import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { deviation, midRanks, pearson, quantile, rankPercentiles, spearman } from './ranks.ts';

describe('ranks', () => {
  it('ties share the mean of their ranks', () => {
    expect([...midRanks([10, 20, 10, 5, 10])]).toEqual([3, 5, 3, 1, 3]);
  });

  it('order infinities and refuse NaN', () => {
    expect([...midRanks([Infinity, -Infinity, Infinity, 0])]).toEqual([3.5, 1, 3.5, 2]);
    expect(() => midRanks([1, NaN])).toThrow(/NaN/);
  });

  it('percentiles run from 0 to 1, and are ½ where all values are equal', () => {
    expect([...rankPercentiles([3, 1, 2])]).toEqual([1, 0, 0.5]);
    expect([...rankPercentiles([4, 4, 4])]).toEqual([0.5, 0.5, 0.5]);
  });
});

describe('correlation', () => {
  it('is ±1 for lines and NaN for constants', () => {
    expect(pearson([1, 2, 3], [2, 4, 6])).toBeCloseTo(1, 15);
    expect(pearson([1, 2, 3], [3, 2, 1])).toBeCloseTo(-1, 15);
    expect(pearson([1, 2, 3], [5, 5, 5])).toBeNaN();
  });

  it('agrees with a worked example with ties', () => {
    // Ranks of a: 1, 2.5, 2.5, 4; of b: 2, 1, 3.5, 3.5.
    expect(spearman([1, 2, 2, 3], [5, 4, 9, 9])).toBeCloseTo(pearson([1, 2.5, 2.5, 4], [2, 1, 3.5, 3.5]), 15);
  });

  it('by ranks is blind to any rising transformation', () => {
    const values = fc.uniqueArray(fc.integer({ min: -50, max: 50 }), { minLength: 3, maxLength: 20 });
    fc.assert(
      fc.property(values, (a) => {
        const b = a.map((value, index) => value + 7 * ((index * 5) % 3));
        const stretched = a.map((value) => Math.exp(value / 20));
        expect(spearman(stretched, b)).toBeCloseTo(spearman(a, b), 12);
      }),
    );
  });

  it('deviation divides by n − 1', () => {
    expect(deviation([1, 3])).toBeCloseTo(Math.SQRT2, 15);
    expect(deviation([5])).toBe(0);
  });
});

describe('quantiles', () => {
  it('lie on straight lines between the sorted values', () => {
    expect(quantile([3, 1, 2], 0.5)).toBe(2);
    expect(quantile([4, 1, 3, 2], 0.5)).toBe(2.5);
    expect([0, 0.25, 1].map((share) => quantile([10, 30, 20], share))).toEqual([10, 15, 30]);
    expect(quantile([7], 0.95)).toBe(7);
  });
});
