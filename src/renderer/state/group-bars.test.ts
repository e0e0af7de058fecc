import { describe, expect, it } from 'vitest';
import { makeGroupAttribution } from '../../../testing/fake-generation.ts';
import type { QueryId, RunId } from '../../contract/vocabulary.ts';
import { groupBars } from './group-bars.ts';

const RUN = 1 as RunId;
const QUERY = 3 as QueryId;

describe('groupBars', () => {
  it('puts the largest score first, on the scale that was asked for', () => {
    const attribution = makeGroupAttribution(RUN, [QUERY]);
    expect(groupBars(attribution, QUERY, 'raw').map(({ name, value }) => [name, value])).toEqual([
      ['coat', 8],
      ['shirt', 5],
    ]);
    expect(groupBars(attribution, QUERY, 'per-image').map(({ name, value }) => [name, value])).toEqual([
      ['shirt', 2.5],
      ['coat', 2],
    ]);
  });

  it('brings spread and band of a group to the scale of its score', () => {
    const attribution = makeGroupAttribution(RUN, [QUERY]);
    const [, coat] = groupBars(attribution, QUERY, 'per-image');
    expect(coat).toMatchObject({ deviation: 0.25, band: { low: -0.5, median: 0, high: 1 } });
  });

  it('has no band without controls, and no bar for an image that is not covered', () => {
    const attribution = makeGroupAttribution(RUN, [QUERY]);
    const queries = attribution.queries.map((query) => ({
      ...query,
      scores: query.scores.map((score) => ({ ...score, band: null })),
    }));
    expect(groupBars({ ...attribution, queries }, QUERY, 'raw')[0]?.band).toBeNull();
    expect(groupBars(attribution, 4 as QueryId, 'raw')).toEqual([]);
  });
});
