import { describe, expect, it } from 'vitest';
import { Random } from '../base/random.ts';
import { measureBrittleness } from './brittleness.ts';

const NEIGHBOURS = 5;
const random = new Random(4, 'points');
const points = Array.from({ length: 60 }, (_, id) => ({ id, at: random.normal() + (id % 2), label: id % 2 }));
const queries = Array.from({ length: 12 }, (_, query) => ({ at: random.normal() + (query % 2) }));

function nearest(query: { at: number }, among = points): typeof points {
  return among.toSorted((a, b) => Math.abs(a.at - query.at) - Math.abs(b.at - query.at)).slice(0, NEIGHBOURS);
}

/** The vote of the nearest five: training is remembering. */
function predict(query: { at: number }, removed: ReadonlySet<number>): number {
  const votes = nearest(
    query,
    points.filter(({ id }) => !removed.has(id)),
  );
  return votes.filter(({ label }) => label === 1).length > NEIGHBOURS / 2 ? 1 : 0;
}

/**
 * In closed form: with its nearest images of the same class gone one by one, the vote flips as soon as the third of the other class is nearer
 * than the third that is left of its own.
 */
function closedForm(query: { at: number }): number {
  const label = predict(query, new Set());
  const distances = (own: boolean): number[] =>
    points
      .filter((point) => (point.label === label) === own)
      .map(({ at }) => Math.abs(at - query.at))
      .sort((a, b) => a - b);
  const [own, other] = [distances(true), distances(false)];
  return own.findIndex((_, gone) => (own[gone + 2] ?? Infinity) > other[2]!);
}

describe('METHODS §1.6: brittleness of a nearest-neighbour vote', () => {
  const proponents = queries.map((query) =>
    points
      .filter(({ label }) => label === predict(query, new Set()))
      .sort((a, b) => Math.abs(a.at - query.at) - Math.abs(b.at - query.at)),
  );
  const flips = (query: number, removed: readonly (typeof points)[number][]): Promise<number> => {
    const gone = new Set(removed.map(({ id }) => id));
    const flipped = predict(queries[query]!, gone) !== predict(queries[query]!, new Set());
    return Promise.resolve(flipped ? 1 : 0);
  };

  it('is the share of queries whose closed form lies at or below the number of removals', async () => {
    const removals = [0, 1, 2, 3, 5, 8, 13, 30];
    const found = await measureBrittleness(removals, proponents, flips);
    const needed = queries.map(closedForm);
    for (const { removed, flipped } of found)
      expect(flipped).toBeCloseTo(needed.filter((count) => count <= removed).length / queries.length, 12);
    expect(found[0]!.flipped).toBe(0);
    expect(found.at(-1)!.flipped).toBe(1);
  });

  it('removes what there is where a query has fewer proponents', async () => {
    const seen: number[] = [];
    await measureBrittleness([4], [[1, 2]], (_query, removed) => {
      seen.push(...removed);
      return Promise.resolve(0);
    });
    expect(seen).toEqual([1, 2]);
  });
});
