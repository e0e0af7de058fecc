import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { tolerances } from '../../../../testing/tolerances.ts';
import { Random } from '../../base/random.ts';
import { controlsNeeded, drawRandomGroups, judgeByControls } from './controls.ts';

function normals(count: number, name: string, seed = 0): Float64Array {
  const random = new Random(seed, name);
  return new Float64Array(count).map(() => random.normal());
}

function controlsOf(groups: number, count: number, seed = 0): Float64Array[] {
  return Array.from({ length: groups }, (_, group) => normals(count, `controls ${group}`, seed));
}

/** 1 … 19. */
const counted = Float64Array.from({ length: 19 }, (_, index) => index + 1);

describe('a group beside its controls', () => {
  const placed = (score: number) => judgeByControls([score], [counted]).groups[0]!;

  it('has the share of controls below it and a p-value that is never zero', () => {
    expect(placed(100)).toMatchObject({ percentile: 1, pValue: 1 / 20, verdict: 'stands-out' });
    expect(placed(0)).toMatchObject({ percentile: 0, pValue: 1, verdict: 'within-controls' });
    expect(placed(10)).toMatchObject({ percentile: 0.5, pValue: 11 / 20 });
  });

  it('has a band from the 5th to the 95th percentile', () => {
    const { low, median, high } = placed(3).control;
    expect(low).toBeCloseTo(1.9, 12);
    expect(median).toBe(10);
    expect(high).toBeCloseTo(18.1, 12);
  });

  it('is corrected for the number of groups: Holm’s worked example', () => {
    // p = 0.01, 0.04, 0.03, 0.005 of 199 controls.
    const controls = [1, 7, 5, 0].map((reaching) =>
      Float64Array.from({ length: 199 }, (_, index) => (index < reaching ? 2 : 0)),
    );
    const { groups } = judgeByControls([1, 1, 1, 1], controls);
    const adjusted = groups.map(({ adjustedPValue }) => adjustedPValue);
    [0.03, 0.06, 0.06, 0.02].forEach((value, group) => {
      expect(adjusted[group]).toBeCloseTo(value, 14);
    });
    expect(groups.map(({ verdict }) => verdict === 'stands-out')).toEqual([true, false, false, true]);
  });

  it('can stand out with just as many controls as are needed', () => {
    for (let groups = 1; groups <= 40; groups++) {
      const outstanding = (count: number): string => {
        const controls = Array.from({ length: groups }, () => new Float64Array(count));
        return judgeByControls([1, ...new Float64Array(groups - 1)], controls).verdict;
      };
      expect(outstanding(controlsNeeded(groups)), `${groups} groups`).toBe('attributed');
      expect(outstanding(controlsNeeded(groups) - 1), `${groups} groups`).toBe('undecided');
    }
    expect(controlsNeeded(10)).toBe(199);
  });
});

describe('a query', () => {
  it('without real groups is called diffuse nineteen times in twenty or more', () => {
    const [queries, groups] = [400, 5];
    let attributed = 0;
    for (let query = 0; query < queries; query++) {
      const controls = controlsOf(groups, controlsNeeded(groups), query);
      const { verdict } = judgeByControls(normals(groups, 'scores', query), controls);
      if (verdict === 'attributed') attributed++;
    }
    const standardError = Math.sqrt((0.05 * 0.95) / queries);
    expect(attributed / queries - 0.05).toBeLessThan(tolerances.standardErrors * standardError);
    expect(attributed).toBeGreaterThan(0);
  });

  it('is attributed where a group does far more than its controls', () => {
    const controls = controlsOf(5, controlsNeeded(5));
    const { verdict, groups } = judgeByControls([0, 0, 9, 0, -9], controls);
    expect(verdict).toBe('attributed');
    expect(groups.map((group) => group.verdict === 'stands-out')).toEqual([false, false, true, false, false]);
  });

  it('is undecided, not diffuse, with few controls', () => {
    expect(judgeByControls([0, 9], controlsOf(2, 10)).verdict).toBe('undecided');
  });
});

describe('normal controls', () => {
  const options = { nullDistribution: 'normal' } as const;

  it('give the p-value of one more draw', () => {
    const controls = Float64Array.of(1, 2, 3, 4, 5, 6, 7, 8);
    // t = (9 − 4.5) / (√6·√(9/8)) = √3 with 7 degrees of freedom.
    const { groups } = judgeByControls([9], [controls], options);
    expect(groups[0]!.pValue).toBeCloseTo(0.0634352, 7);
  });

  it('let a group stand out among ten with eight of them', () => {
    const controls = controlsOf(10, 8);
    const scores = new Float64Array(10);
    expect(judgeByControls(scores, controls, options).verdict).toBe('diffuse');
    scores[4] = 12;
    const { verdict, groups } = judgeByControls(scores, controls, options);
    expect(verdict).toBe('attributed');
    expect(groups.filter((group) => group.verdict === 'stands-out')).toEqual([groups[4]]);
    expect(judgeByControls(scores, controls).verdict).toBe('undecided');
  });

  it('raise false alarms for at most one query in twenty', () => {
    const queries = 1500;
    let attributed = 0;
    for (let query = 0; query < queries; query++) {
      const scores = normals(4, 'scores', query);
      if (judgeByControls(scores, controlsOf(4, 8, query), options).verdict === 'attributed') attributed++;
    }
    const standardError = Math.sqrt((0.05 * 0.95) / queries);
    expect(Math.abs(attributed / queries - 0.05)).toBeLessThan(tolerances.standardErrors * standardError);
  });

  it('that are all equal, or too few, are taken literally', () => {
    const equal = new Float64Array(5).fill(2);
    const { groups } = judgeByControls([3, 2], [equal, equal], options);
    expect(groups.map(({ pValue }) => pValue)).toEqual([0, 1]);
    expect(judgeByControls([9], [Float64Array.of(1, 2)], options).verdict).toBe('undecided');
  });
});

describe('shares', () => {
  const level = (value: number): Float64Array => new Float64Array(5).fill(value);

  it('are what a group has beyond its controls, of all positive scores', () => {
    const { groups, remainder } = judgeByControls([6, 3, 1, -2], [level(2), level(2), level(2), level(2)]);
    expect(groups.map(({ share }) => share)).toEqual([0.4, 0.1, 0, 0]);
    expect(remainder).toBeCloseTo(0.5, 15);
  });

  it('do not grow because random groups harm', () => {
    const { groups, remainder } = judgeByControls([3, 1], [level(-5), level(-5)]);
    expect(groups.map(({ share }) => share)).toEqual([0.75, 0.25]);
    expect(remainder).toBe(0);
  });

  it('leave everything where nothing helps', () => {
    const { groups, remainder } = judgeByControls([-3, 0], [level(0), level(-9)]);
    expect(groups.map(({ share }) => share)).toEqual([0, 0]);
    expect(remainder).toBe(1);
  });

  it('and the remainder make one whole', () => {
    const score = fc.double({ min: -1e3, max: 1e3, noNaN: true });
    const group = fc.tuple(score, fc.array(score, { minLength: 1, maxLength: 9 }));
    fc.assert(
      fc.property(fc.array(group, { minLength: 1, maxLength: 8 }), (drawn) => {
        const controls = drawn.map(([, own]) => Float64Array.from(own));
        const scores = drawn.map(([own]) => own);
        const { groups, remainder } = judgeByControls(scores, controls);
        expect(groups.every(({ share }) => share >= 0 && share <= 1)).toBe(true);
        expect(remainder).toBeGreaterThanOrEqual(0);
        expect(groups.reduce((sum, { share }) => sum + share, remainder)).toBeCloseTo(1, 12);
      }),
    );
  });
});

describe('random groups', () => {
  it('have the sizes asked for, hold no row twice, and repeat for one seed', () => {
    const drawn = drawRandomGroups([5, 0, 40], 40, 3, 7);
    expect(drawn.map((controls) => controls.map((rows) => rows.length))).toEqual([
      [5, 5, 5],
      [0, 0, 0],
      [40, 40, 40],
    ]);
    for (const rows of drawn.flat()) {
      expect(new Set(rows).size).toBe(rows.length);
      expect([...rows]).toEqual([...rows].sort((a, b) => a - b));
      expect(rows.every((row) => row >= 0 && row < 40)).toBe(true);
    }
    expect(drawRandomGroups([5, 0, 40], 40, 3, 7)).toEqual(drawn);
    expect(drawRandomGroups([5], 40, 3, 8)[0]).not.toEqual(drawn[0]);
  });

  it('do not depend on the other sizes or on how many are drawn, and groups of one size share them', () => {
    const [first, second] = drawRandomGroups([9, 9], 100, 20, 1);
    expect(first).toEqual(second);
    expect(drawRandomGroups([3, 9], 100, 5, 1)[1]).toEqual(first!.slice(0, 5));
  });

  it('favour no row', () => {
    const [rowCount, size, count] = [20, 5, 2000];
    const hits = new Float64Array(rowCount);
    for (const row of drawRandomGroups([size], rowCount, count, 2)[0]!.flatMap((rows) => [...rows]))
      hits[row]!++;
    const share = size / rowCount;
    const standardError = Math.sqrt(count * share * (1 - share));
    for (const hit of hits)
      expect(Math.abs(hit - count * share)).toBeLessThan(tolerances.standardErrors * standardError);
  });

  it('are not larger than the training set', () => {
    expect(() => drawRandomGroups([11], 10, 1, 0)).toThrow(/larger/);
  });
});
