import { describe, expect, it } from 'vitest';
import { studentTail } from './student-tail.ts';

describe('the tail of Student’s t', () => {
  it.each([
    [1, 1, 0.25],
    [1, 6.313752, 0.05],
    [2, 2.919986, 0.05],
    [3, 5.840909, 0.005],
    [7, 1.894579, 0.05],
    [10, 2.228139, 0.025],
    [30, 1.697261, 0.05],
    [120, 2.617421, 0.005],
  ])('with %d degrees of freedom beyond %d is the tabulated %d', (degrees, t, tail) => {
    expect(studentTail(t, degrees)).toBeCloseTo(tail, 7);
    expect(studentTail(-t, degrees)).toBeCloseTo(1 - tail, 7);
  });

  it('is a half at zero, and nothing at infinity', () => {
    for (const degrees of [1, 2, 9, 40]) {
      expect(studentTail(0, degrees)).toBe(0.5);
      expect(studentTail(Infinity, degrees)).toBeLessThan(1e-15);
      expect(studentTail(-Infinity, degrees)).toBeCloseTo(1, 15);
    }
  });
});
