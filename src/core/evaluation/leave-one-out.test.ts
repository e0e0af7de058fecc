import { describe, expect, it } from 'vitest';
import { Random } from '../base/random.ts';
import { makeMatrix, type Matrix64 } from '../linalg/matrix.ts';
import { leaveOneOutCorrelation, leaveOneOutDeviation, leaveOneOutNull } from './leave-one-out.ts';

const [queries, samples] = [20, 40];

function normals(name: string): Matrix64 {
  const random = new Random(1, name);
  const data = Float64Array.from({ length: queries * samples }, () => random.normal());
  return makeMatrix(queries, samples, data);
}

const effects = normals('effects');

describe('leave-one-out correlation', () => {
  it('is 1 for scores that are proportional to the effects, query by query', () => {
    const data = effects.data.map((value, at) => value * (1 + Math.floor(at / samples)) + 7);
    expect(leaveOneOutCorrelation({ ...effects, data }, effects).score).toBeCloseTo(1, 12);
  });

  it('is near 0 for others, as the shuffled null says', () => {
    expect(Math.abs(leaveOneOutCorrelation(normals('other'), effects).score)).toBeLessThan(0.1);
    const { mean, deviation } = leaveOneOutNull(effects, effects, 20, 3);
    expect(Math.abs(mean)).toBeLessThan(0.05);
    // 1/√(n − 1) for one query, and the mean over independent queries.
    expect(deviation).toBeGreaterThan(0.5 / Math.sqrt((samples - 1) * queries));
    expect(deviation).toBeLessThan(2 / Math.sqrt((samples - 1) * queries));
  });

  it('counts queries that no image changes, instead of failing on them', () => {
    const data = effects.data.map((value, at) => (at < samples ? 0 : value));
    const { score, dropped } = leaveOneOutCorrelation(effects, { ...effects, data });
    expect([dropped, Math.round(score * 1e6) / 1e6]).toEqual([1, 1]);
  });

  it('spreads more the fewer images were left out', () => {
    const noisy = { ...effects, data: effects.data.map((v, at) => v + normals('noise').data[at]!) };
    const few = (of: Matrix64): Matrix64 =>
      makeMatrix(
        queries,
        8,
        of.data.filter((_, at) => at % samples < 8),
      );
    const narrow = leaveOneOutDeviation(noisy, effects, 40, 1);
    expect(leaveOneOutDeviation(few(noisy), few(effects), 40, 1)).toBeGreaterThan(narrow);
  });
});
