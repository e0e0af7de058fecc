import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { makeMatrix } from '../linalg/matrix.ts';
import { TopInfluences } from './top-influences.ts';

/** What TopInfluences should keep, by sorting everything. */
function bySorting(scores: readonly number[], sampleIds: readonly number[], own: number, count: number) {
  const all = scores
    .map((score, index) => ({ sampleId: sampleIds[index]!, score }))
    .filter(({ sampleId }) => sampleId !== own);
  const strongest = (side: number) =>
    all
      .filter(({ score }) => score * side > 0)
      .sort((a, b) => (b.score - a.score) * side || a.sampleId - b.sampleId)
      .slice(0, count);
  return { proponents: strongest(1), opponents: strongest(-1) };
}

describe('TopInfluences', () => {
  it('keeps what sorting everything would keep, whatever the blocks and ties', () => {
    const score = fc.integer({ min: -4, max: 4 });
    fc.assert(
      fc.property(
        fc.array(score, { minLength: 1, maxLength: 40 }),
        fc.integer({ min: 1, max: 40 }),
        fc.integer({ min: 0, max: 6 }),
        (scores, blockSize, count) => {
          // Ids fall while rows rise, so that ties cannot be settled by arrival.
          const sampleIds = scores.map((_, index) => 1000 - index * 3);
          const top = new TopInfluences([997], sampleIds, count);
          for (let from = 0; from < scores.length; from += blockSize) {
            const part = scores.slice(from, from + blockSize);
            top.add({ firstRow: from, scores: makeMatrix(1, part.length, Float32Array.from(part)) });
          }
          expect(top.result()).toEqual([bySorting(scores, sampleIds, 997, count)]);
        },
      ),
      { numRuns: 300 },
    );
  });

  it('keeps queries apart, and leaves zero and NaN out', () => {
    const top = new TopInfluences([1, 2], [10, 11, 12], 2);
    top.add({ firstRow: 0, scores: makeMatrix(2, 3, Float64Array.from([0, NaN, 5, -1, -3, 2])) });
    expect(top.result()).toEqual([
      { proponents: [{ sampleId: 12, score: 5 }], opponents: [] },
      {
        proponents: [{ sampleId: 12, score: 2 }],
        opponents: [
          { sampleId: 11, score: -3 },
          { sampleId: 10, score: -1 },
        ],
      },
    ]);
  });
});
