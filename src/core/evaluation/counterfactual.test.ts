import { describe, expect, it } from 'vitest';
import { comparePaired, typicalValue } from './counterfactual.ts';

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
