import { describe, expect, it } from 'vitest';
import { comparePaired, cosineBetween, distanceBetween, typicalValue } from './counterfactual.ts';

describe('typicalValue', () => {
  it('is the median, which does not spread where all are equal', () => {
    expect(typicalValue([3, 3, 3, 3], 1)).toEqual({ median: 3, deviation: 0 });
    const spread = typicalValue([1, 2, 3, 4, 100], 1);
    expect(spread.median).toBe(3);
    expect(spread.deviation).toBeGreaterThan(0);
    expect(typicalValue([1, 2, 3, 4, 100], 1)).toEqual(spread);
  });

  it('spreads as theory says of the median of many normal-like values', () => {
    // A median of n values of density f has the deviation 1/(2·f·√n): uniform on 0 … 1, 400 values.
    const values = Array.from({ length: 400 }, (_, index) => (index + 0.5) / 400);
    expect(typicalValue(values, 2).deviation).toBeCloseTo(1 / (2 * Math.sqrt(400)), 2);
  });
});

describe('comparePaired', () => {
  it('counts on which images the first is larger, and by how much', () => {
    const own = [5, 6, 7, 8];
    const other = [4, 4, 4, 9];
    expect(comparePaired(own, other)).toEqual({ difference: 1.5, larger: 3, pValue: 0.625 });
    expect(comparePaired(own, own)).toEqual({ difference: 0, larger: 0, pValue: 1 });
  });
});

describe('distances', () => {
  it('have their closed forms', () => {
    expect(distanceBetween([1, 2], [4, 6])).toBe(5);
    expect(cosineBetween([2, 0], [3, 3])).toBeCloseTo(Math.SQRT1_2, 14);
    expect(cosineBetween([1, 2], [-2, -4])).toBeCloseTo(-1, 14);
    expect(cosineBetween([0, 0], [1, 1])).toBe(0);
  });
});
