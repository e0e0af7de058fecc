import { describe, expect, it } from 'vitest';
import { makeMatrix } from '../../linalg/matrix.ts';
import { aggregateScores, aggregations, dividedBySize, type Aggregation } from './aggregate-scores.ts';

const scores = makeMatrix(2, 5, Float32Array.from([1, -2, 3, 8, 0, -1, -1, -1, 5, 2]));
/** The middle sample belongs to both. */
const groups = [[0, 1, 2], Int32Array.of(2, 3)];

const expected: Readonly<Record<Aggregation, readonly number[]>> = {
  sum: [2, 11, -3, 4],
  mean: [2 / 3, 5.5, -1, 2],
  max: [3, 8, -1, 5],
  median: [1, 5.5, -1, 2],
  'top-mean': [2 / 3, 5.5, -1, 2],
  'positive-sum': [4, 11, 0, 5],
};

describe('group scores', () => {
  it.each(aggregations)(
    '(%s) are what the members’ scores make, in every group that a sample is in',
    (kind) => {
      const { rows, columns, data } = aggregateScores(scores, groups, kind);
      expect([rows, columns]).toEqual([2, 2]);
      data.forEach((value, index) => {
        expect(value).toBeCloseTo(expected[kind][index]!, 14);
      });
    },
  );

  it('are sums unless asked otherwise', () => {
    expect(aggregateScores(scores, groups)).toEqual(aggregateScores(scores, groups, 'sum'));
  });

  it('(top-mean) see the ten strongest members alone', () => {
    const many = makeMatrix(
      1,
      14,
      Float64Array.from({ length: 14 }, (_, row) => (row < 4 ? -1000 : row)),
    );
    const all = [Array.from({ length: 14 }, (_, row) => row)];
    expect(aggregateScores(many, all, 'top-mean').data[0]).toBe(8.5);
  });

  it('divided by the size: the sum becomes the mean', () => {
    const divided = dividedBySize(aggregateScores(scores, groups), groups);
    expect(divided).toEqual(aggregateScores(scores, groups, 'mean'));
  });

  it('refuse a group without members', () => {
    expect(() => aggregateScores(scores, [[]])).toThrow(/members/);
  });
});
