import { describe, expect, it } from 'vitest';
import { cosineBetween, distanceBetween } from './vector-distance.ts';

describe('distances', () => {
  it('have their closed forms', () => {
    expect(distanceBetween([1, 2], [4, 6])).toBe(5);
    expect(cosineBetween([2, 0], [3, 3])).toBeCloseTo(Math.SQRT1_2, 14);
    expect(cosineBetween([1, 2], [-2, -4])).toBeCloseTo(-1, 14);
    expect(cosineBetween([0, 0], [1, 1])).toBe(0);
  });
});
