import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { confusionOf, plantErrors } from './plant-errors.ts';

const labels = Int32Array.from({ length: 300 }, (_, sample) => sample % 3);

describe('planted errors', () => {
  it('change just so many labels, each to another class, and equal seeds the same', () => {
    fc.assert(
      fc.property(fc.double({ min: 0, max: 1, noNaN: true }), fc.nat(100), (share, seed) => {
        const options = { classCount: 3, share, seed, confusion: null };
        const { labels: wrong, planted } = plantErrors(labels, options);
        expect(planted.reduce((sum, one) => sum + one, 0)).toBe(Math.round(share * 300));
        wrong.forEach((label, sample) => expect(label !== labels[sample]).toBe(planted[sample] === 1));
        expect(plantErrors(labels, options).labels).toEqual(wrong);
      }),
      { numRuns: 20 },
    );
  });

  it('along confusions become the class that is confused with; without any, every other class', () => {
    // 0 is only taken for 2; 1 for nothing; the diagonal is not read.
    const confusion = Float64Array.of(9, 0, 1, 0, 5, 0, 1, 3, 0);
    const { labels: wrong, planted } = plantErrors(labels, { classCount: 3, share: 1, seed: 4, confusion });
    const became = (from: number, to: number): number =>
      wrong.filter((label, sample) => labels[sample] === from && label === to && planted[sample] === 1)
        .length;
    expect(became(0, 2)).toBe(100);
    expect(became(1, 0)).toBeGreaterThan(30);
    expect(became(1, 2)).toBeGreaterThan(30);
    expect(became(2, 1)).toBeGreaterThan(2 * became(2, 0));
  });

  it('a confusion is the probability that a class gives away', () => {
    expect([...confusionOf([0, 1, 0], [0.75, 0.25, 0.5, 0.5, 1, 0], 2)]).toEqual([1.75, 0.25, 0.5, 0.5]);
  });
});
