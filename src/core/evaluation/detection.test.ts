import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Random } from '../base/random.ts';
import { deviation } from '../linalg/ranks.ts';
import { areaDeviation, areaUnderRoc, chanceDeviation, foundAfter, precisionAt } from './detection.ts';

describe('METHODS 28: AUC by mid-ranks', () => {
  it('is ½ for constant scores', () => {
    expect(areaUnderRoc([7, 7, 7, 7, 7], [1, 0, 0, 1, 0])).toBe(0.5);
  });

  it('is the share of pairs in the right order, ties counting half', () => {
    const sample = fc.record({ score: fc.integer({ min: 0, max: 5 }), positive: fc.boolean() });
    fc.assert(
      fc.property(fc.array(sample, { minLength: 2, maxLength: 30 }), (samples) => {
        const positives = samples.filter(({ positive }) => positive);
        const negatives = samples.filter(({ positive }) => !positive);
        fc.pre(positives.length > 0 && negatives.length > 0);
        let right = 0;
        for (const a of positives) {
          for (const b of negatives) right += a.score > b.score ? 1 : a.score === b.score ? 0.5 : 0;
        }
        const area = areaUnderRoc(
          samples.map(({ score }) => score),
          samples.map(({ positive }) => positive),
        );
        expect(area).toBeCloseTo(right / (positives.length * negatives.length), 12);
      }),
    );
  });

  it('is not defined with one kind only', () => {
    expect(areaUnderRoc([1, 2], [1, 1])).toBeNaN();
  });
});

describe('precision at n₊', () => {
  it('is the share of positives among as many highest scores', () => {
    expect(precisionAt([0.9, 0.8, 0.7, 0.1], [1, 0, 1, 0])).toBe(0.5);
    expect(precisionAt([0.9, 0.8, 0.7, 0.1], [1, 0, 1, 0], 3)).toBeCloseTo(2 / 3, 15);
  });

  it('shares ties at the cut, so that it is the base rate for constant scores', () => {
    expect(precisionAt([1, 1, 1, 1], [1, 0, 0, 0])).toBe(0.25);
    expect(precisionAt([2, 1, 1, 1], [1, 1, 0, 0])).toBeCloseTo((1 + 1 / 3) / 2, 15);
  });
});

describe('what is found after looking at a share', () => {
  it('is nothing at 0, all at 1, and the share of the positives in between', () => {
    const found = [0, 0.5, 1].map((share) => foundAfter([4, 3, 2, 1], [1, 0, 1, 0], share));
    expect(found).toEqual([0, 0.5, 1]);
  });
});

describe('the deviation of an area', () => {
  it('is that of repeated draws of exponential scores; of scores that know nothing, that of chance', () => {
    const random = new Random(5, 'areas');
    const draw = (rate: number): number => -Math.log(1 - random.uniform()) / rate;
    for (const rate of [1, 0.25]) {
      const areas = Array.from({ length: 600 }, () => {
        const scores = Array.from({ length: 100 }, (_, index) => draw(index < 20 ? rate : 1));
        return areaUnderRoc(
          scores,
          scores.map((_, index) => index < 20),
        );
      });
      // P(exponential of rate r > exponential of rate 1) = 1/(1 + r).
      const expected = areaDeviation(1 / (1 + rate), 20, 80);
      expect(Math.abs(deviation(areas) / expected - 1)).toBeLessThan(0.1);
      if (rate === 1) expect(Math.abs(chanceDeviation(20, 80) / expected - 1)).toBeLessThan(0.01);
    }
  });
});
