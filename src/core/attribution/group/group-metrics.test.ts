import { describe, expect, it } from 'vitest';
import { tolerances } from '../../../../testing/tolerances.ts';
import { Random } from '../../base/random.ts';
import { makeMatrix, rowBlock, type Matrix64 } from '../../linalg/matrix.ts';
import { deviation, mean } from '../../linalg/ranks.ts';
import { bootstrapDeviations, ceilingOf, chanceOf, judgeGroups, largestOverlap } from './group-metrics.ts';

const QUERIES = 60;
const GROUPS = 6;

function normals(name: string, rows = QUERIES, columns = GROUPS): Matrix64 {
  const random = new Random(3, name);
  const data = new Float64Array(rows * columns).map(() => random.normal());
  return makeMatrix(rows, columns, data);
}

function mapped(matrix: Matrix64, change: (value: number, index: number) => number): Matrix64 {
  return makeMatrix(matrix.rows, matrix.columns, matrix.data.map(change));
}

function one(...scores: readonly number[]): Matrix64 {
  return makeMatrix(1, scores.length, Float64Array.from(scores));
}

const truth = normals('truth');

describe('METHODS 29: group metrics of the truth itself', () => {
  it.each([2, 6, 10, 16])('are at their best with %d groups', (groups) => {
    const own = normals('own', 20, groups);
    const { means } = judgeGroups(own, own);
    for (const metric of ['topOne', 'reciprocalRank', 'gain3', 'linearGain10', 'weightedPairs'] as const)
      expect(means[metric], metric).toBe(1);
    expect(means.weightedPairsOfTop).toBe(1);
    expect(means.spearman).toBeCloseTo(1, 14);
    expect(means.rankBiasedOverlap).toBeCloseTo(1 - 0.9 ** groups, 14);
    expect(means.overlapShare).toBeCloseTo(1, 14);
    expect(means.squaredError).toBeLessThan(tolerances.float64Reordered);
  });

  it('keep the overlap below 0.651 of 10 groups and below 0.815 of 16', () => {
    expect(largestOverlap(10)).toBeCloseTo(0.6513, 4);
    expect(largestOverlap(16)).toBeCloseTo(0.8147, 4);
  });

  it('see ranks alone, but for the errors, which see any line', () => {
    const bent = judgeGroups(
      truth,
      mapped(truth, (value) => Math.exp(value)),
    ).means;
    expect(bent.gain5).toBe(1);
    expect(bent.squaredError).toBeGreaterThan(0.01);
    const { means, calibration } = judgeGroups(
      truth,
      mapped(truth, (value) => (value - 7) / 3),
    );
    expect(means.absoluteError).toBeLessThan(tolerances.float64Reordered * 10);
    expect(calibration.scale).toBeCloseTo(3, 12);
    expect(calibration.offset).toBeCloseTo(7, 12);
  });
});

describe('group metrics of an example', () => {
  const { means } = judgeGroups(one(4, 3, 2, 1), one(1, 4, 3, 2));

  it('agree with what is counted by hand', () => {
    expect(means.topOne).toBe(0);
    expect(means.reciprocalRank).toBeCloseTo(1 / 4, 15);
    expect(means.spearman).toBeCloseTo(-0.2, 15);
    // Pairs: (4,3) 1, (4,2) 2, (4,1) 3 are wrong; (3,2) 1, (3,1) 2, (2,1) 1 are right.
    expect(means.weightedPairs).toBeCloseTo(4 / 10, 15);
    expect(means.weightedPairsOfTop).toBeCloseTo(4 / 10, 15);
    // Shared among the first d: 0 of 1, 1 of 2, 2 of 3, 4 of 4.
    expect(means.rankBiasedOverlap).toBeCloseTo(0.1 * (0.9 * (1 / 2) + 0.81 * (2 / 3) + 0.729 * (4 / 4)), 14);
  });

  it('count gains 2^r − 1 and r with a discount by the logarithm of the place', () => {
    const discount = [1, 1 / Math.log2(3), 1 / 2] as const;
    const gained = ([a, b, c]: readonly [number, number, number]): number =>
      a * discount[0] + b * discount[1] + c * discount[2];
    expect(means.gain3).toBeCloseTo(gained([7, 3, 1]) / gained([15, 7, 3]), 14);
    expect(means.linearGain3).toBeCloseTo(gained([3, 2, 1]) / gained([4, 3, 2]), 14);
  });

  it('touch only pairs with a truly high group', () => {
    const predicted = one(6, 5, 4, 1, 2, 3);
    const judged = judgeGroups(one(6, 5, 4, 3, 2, 1), predicted).means;
    expect(judged.weightedPairsOfTop).toBe(1);
    // 31 of 35 by weight: among the last three all pairs, of 1, 2 and 1, are wrong.
    expect(judged.weightedPairs).toBeCloseTo(31 / 35, 15);
  });

  it('hold a thousand groups', () => {
    const many = normals('many', 1, 1100);
    expect(judgeGroups(many, many).means.gain10).toBe(1);
  });
});

describe('chance', () => {
  const chance = chanceOf(truth);

  it('finds the highest of G groups once in G, and half of the pairs', () => {
    expect(chance.topOne).toBeCloseTo(1 / GROUPS, 14);
    expect(chance.reciprocalRank).toBeCloseTo((1 + 1 / 2 + 1 / 3 + 1 / 4 + 1 / 5 + 1 / 6) / GROUPS, 14);
    expect(chance.weightedPairs).toBeCloseTo(0.5, 14);
    // |A_d ∩ B_d| is d²/G on average.
    const overlap = [1, 2, 3, 4, 5, 6].reduce((sum, d) => sum + (0.1 * 0.9 ** (d - 1) * d) / GROUPS, 0);
    expect(chance.rankBiasedOverlap).toBeCloseTo(overlap, 14);
  });

  it('is what shuffled groups reach', () => {
    const random = new Random(11, 'shuffles');
    const shuffled = makeMatrix(QUERIES, GROUPS, truth.data.slice());
    const draws = Array.from({ length: 60 }, () => {
      for (let query = 0; query < QUERIES; query++) random.shuffle(rowBlock(shuffled, query, 1).data);
      return judgeGroups(truth, shuffled).means;
    });
    for (const metric of Object.keys(chance) as (keyof typeof chance)[]) {
      if (metric === 'squaredError' || metric === 'absoluteError') continue;
      const values = draws.map((means) => means[metric]);
      const standardError = deviation(values) / Math.sqrt(values.length);
      const distance = Math.abs(mean(values) - chance[metric]);
      expect(distance, metric).toBeLessThan(tolerances.standardErrors * standardError);
    }
  });
});

describe('what is reported beside the metrics', () => {
  const noisy = (name: string, noise: number): Matrix64 => {
    const { data } = normals(name);
    return mapped(truth, (value, index) => value + noise * data[index]!);
  };

  it('bootstrap deviations are those of a mean over queries', () => {
    const judged = judgeGroups(truth, noisy('prediction', 1));
    const spread = bootstrapDeviations(judged, 400, 1);
    for (const metric of ['topOne', 'gain3', 'spearman', 'squaredError'] as const) {
      const expected = deviation(judged.perQuery[metric]) / Math.sqrt(QUERIES);
      expect(spread[metric] / expected, metric).toBeGreaterThan(0.85);
      expect(spread[metric] / expected, metric).toBeLessThan(1.15);
    }
    expect(bootstrapDeviations(judged, 50, 2)).toEqual(bootstrapDeviations(judged, 50, 2));
    expect(bootstrapDeviations(judged, 50, 2)).not.toEqual(bootstrapDeviations(judged, 50, 3));
  });

  it('the ceiling falls with the noise of the measurements and is perfect without', () => {
    const ceilings = [0, 0.5, 2].map((noise) =>
      ceilingOf(['first', 'second', 'third'].map((name) => noisy(name, noise))),
    );
    expect(ceilings[0]!.topOne).toBe(1);
    for (const metric of ['topOne', 'gain3', 'spearman', 'weightedPairs'] as const) {
      expect(ceilings[0]![metric]).toBeGreaterThan(ceilings[1]![metric]);
      expect(ceilings[1]![metric]).toBeGreaterThan(ceilings[2]![metric]);
    }
    expect(() => ceilingOf([truth])).toThrow(/repeated/);
  });

  it('queries without an order are left out of the mean correlation', () => {
    const measured = makeMatrix(2, 3, Float64Array.from([1, 2, 3, 5, 5, 5]));
    const { means, perQuery } = judgeGroups(
      measured,
      makeMatrix(2, 3, Float64Array.from([1, 2, 3, 1, 2, 3])),
    );
    expect(perQuery.spearman[1]).toBeNaN();
    expect(means.spearman).toBeCloseTo(1, 15);
  });
});
