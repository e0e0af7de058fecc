import { describe, expect, it } from 'vitest';
import { Random } from '../base/random.ts';
import { kMeans } from './k-means.ts';
import { makeMatrix } from './matrix.ts';

/** Rows around three corners of a triangle, in turn. */
function threeClouds(count: number) {
  const random = new Random(2, 'clouds');
  const corners = [
    [0, 0],
    [10, 0],
    [0, 10],
  ] as const;
  const data = Array.from({ length: count }, (_, row) =>
    corners[row % 3]!.map((middle) => middle + random.normal()),
  );
  return makeMatrix(count, 2, Float64Array.from(data.flat()));
}

describe('k-means', () => {
  it('finds clouds that lie apart', () => {
    const { assignment } = kMeans(threeClouds(60), 3, new Random(1, 'seeds'));
    for (let row = 3; row < 60; row++) expect(assignment[row]).toBe(assignment[row % 3]);
    expect(new Set(assignment.subarray(0, 3)).size).toBe(3);
  });

  it('names the rows of each cluster, the middle ones first', () => {
    const rows = makeMatrix(5, 1, Float64Array.of(0, 1, 5, 20, 21));
    const { assignment, nearest } = kMeans(rows, 2, new Random(1, 'seeds'));
    // The means are 2 and 20.5.
    expect([...nearest[assignment[0]!]!]).toEqual([1, 0, 2]);
    expect([...nearest[assignment[3]!]!]).toEqual([3, 4]);
  });

  it('leaves no cluster empty, also where rows are equal or few', () => {
    const equal = makeMatrix(4, 1, new Float64Array(4));
    const { nearest } = kMeans(equal, 3, new Random(1, 'seeds'));
    expect(nearest.map((rows) => rows.length > 0)).toEqual([true, true, true]);
    expect(kMeans(makeMatrix(2, 1, Float64Array.of(1, 2)), 5, new Random(1, 'seeds')).nearest).toHaveLength(
      2,
    );
  });
});
