import { describe, expect, it } from 'vitest';
import { makeMatrix } from '../../core/linalg/matrix.ts';
import type { GroupId, QueryId } from '../../contract/vocabulary.ts';
import { controlSizes } from './control-sizes.ts';
import { judgeHeldOut, judgeRandomGroups, judgeUnlearning, judgeUnrelated } from './group-controls.ts';
import { judgeQueries, judgeRow, type ScoredGroups } from './judged-groups.ts';

const [first, second] = [1 as GroupId, 2 as GroupId];
const CONTROLS = [-0.1, 0, 0.1, 0.05, -0.05, 0.02, -0.02, 0.01];

/** One query and two groups of four images, beside random groups that score about nothing. */
function scored(scores: readonly [number, number], changes: Partial<ScoredGroups> = {}): ScoredGroups {
  const controls = makeMatrix(1, CONTROLS.length, Float64Array.from(CONTROLS));
  return {
    groupIds: [first, second],
    sizes: [4, 4],
    scores: makeMatrix(1, 2, Float64Array.from(scores)),
    deviations: null,
    controls: [controls, controls],
    isSum: true,
    nullDistribution: 'normal',
    ...changes,
  };
}

const sumOfShares = ({ scores, unattributed }: ReturnType<typeof judgeRow>): number =>
  scores.reduce((sum, { share }) => sum + share!, unattributed!);

describe('a query beside random groups', () => {
  it('is attributed to the group that stands out; shares and what is left over make a whole', () => {
    const judged = judgeRow(scored([6, 0.05]), 0);
    expect(judged.verdict).toBe('attributed');
    expect(judged.scores.map(({ standsOut }) => standsOut)).toEqual([true, false]);
    expect(judged.scores[1]!.share).toBe(0);
    expect(judged.scores[0]!.share).toBeCloseTo((6 - 0.005) / 6.05, 10);
    expect(sumOfShares(judged)).toBeCloseTo(1, 12);
    expect(judged.scores[0]).toMatchObject({ groupId: first, raw: 6, perImage: 1.5, percentile: 1 });
    expect(judged.scores[0]!.band!.low).toBeLessThan(0);
  });

  it('is diffuse where no group scores as no random group would, and nothing is shared out', () => {
    const judged = judgeRow(scored([0.06, 0.03]), 0);
    expect(judged).toMatchObject({ verdict: 'diffuse', unattributed: 1 });
    expect(judged.scores.map(({ share }) => share)).toEqual([0, 0]);
  });

  it('stays undecided where there are too few of them', () => {
    const few = makeMatrix(1, 2, Float64Array.of(0, 0.1));
    const judged = judgeRow(scored([6, 0.05], { controls: [few, few] }), 0);
    expect(judged).toMatchObject({ verdict: 'undecided', unattributed: 1 });
  });

  it('is scored but not judged where there are none', () => {
    const judged = judgeRow(scored([6, 0.05], { controls: [] }), 0);
    expect(judged).toMatchObject({ verdict: null, unattributed: null });
    expect(judged.scores[0]).toMatchObject({
      raw: 6,
      pValue: null,
      band: null,
      share: null,
      standsOut: false,
    });
  });

  it('keeps a mean as it is where scores are no sums', () => {
    expect(judgeRow(scored([6, 0.05], { isSum: false }), 0).scores[0]!.perImage).toBe(6);
  });
});

describe('controls of an attribution to groups', () => {
  const attributed = judgeQueries(scored([6, 0.05]), [1 as QueryId]);
  const diffuse = judgeQueries(scored([0.06, 0.03]), [1 as QueryId]);

  it('want at least three random groups', () => {
    expect(judgeRandomGroups(attributed, 8).met).toBe(true);
    expect(judgeRandomGroups(attributed, 2).met).toBe(false);
    expect(judgeRandomGroups(attributed, 0)).toMatchObject({ met: null });
  });

  it('want no group to stand out for a pattern unlike any image', () => {
    expect(judgeUnrelated(diffuse[0]!).met).toBe(true);
    expect(judgeUnrelated(attributed[0]!)).toMatchObject({ name: 'unrelated-query', met: false });
  });

  it('want queries to score as images that were never seen do, or more', () => {
    expect(judgeHeldOut(attributed, diffuse).met).toBe(true);
    expect(judgeHeldOut(diffuse, attributed).met).toBe(false);
    expect(judgeHeldOut(attributed, [])).toMatchObject({ met: null });
  });

  it('tell unlearning too little from unlearning too much', () => {
    const met = (forgotten: number, kept: number): (boolean | null)[] =>
      judgeUnlearning({ forgotten, retained: kept }, false).map((control) => control.met);
    expect(met(10, 1)).toEqual([true, true]);
    expect(met(-1, 0)).toEqual([false, false]);
    expect(met(10, 9)).toEqual([false, false]);
  });
});

describe('random groups', () => {
  it('are shared by groups of nearly one size', () => {
    expect(controlSizes([100, 120, 126, 80, 79])).toEqual([100, 100, 126, 100, 79]);
    expect(controlSizes([])).toEqual([]);
  });
});
