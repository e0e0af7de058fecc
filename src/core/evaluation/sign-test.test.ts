import { describe, expect, it } from 'vitest';
import { signTest } from './sign-test.ts';

describe('signTest', () => {
  it('gives the binomial tail on both sides', () => {
    // 2 · 2⁻⁸, and 2 · (1 + 10 + 45)/2¹⁰.
    expect(signTest([1, 2, 3, 4, 5, 6, 7, 8]).pValue).toBeCloseTo(2 / 256, 14);
    const mixed = signTest([1, 1, 1, 1, 1, 1, 1, 1, -1, -2]);
    expect(mixed).toMatchObject({ positive: 8, negative: 2 });
    expect(mixed.pValue).toBeCloseTo(112 / 1024, 14);
  });

  it('is the same for the opposite differences, and one where nothing leans', () => {
    expect(signTest([-1, -1, -1, 2]).pValue).toBe(signTest([1, 1, 1, -2]).pValue);
    expect(signTest([3, -3]).pValue).toBe(1);
    expect(signTest([0, 0]).pValue).toBe(1);
    expect(signTest([]).pValue).toBe(1);
  });

  it('leaves out differences of zero', () => {
    const { pValue, ...counts } = signTest([1, 1, 0, 1, 0]);
    expect(counts).toEqual({ positive: 3, negative: 0 });
    expect(pValue).toBeCloseTo(0.25, 14);
  });
});
