import { describe, expect, it } from 'vitest';
import { makeCaseFile } from '../../../../testing/case-file.ts';
import type { CopyMatch } from '../../../contract/cases-service.ts';
import type { QueryId, SampleId } from '../../../contract/vocabulary.ts';
import { blindCandidates } from './blind-candidates.ts';

const queryId = 1 as QueryId;

function match(sampleId: number, rank: number): CopyMatch {
  return {
    ...{ sampleId: sampleId as SampleId, relation: 'alike', rank, similarity: 1 - rank / 100 },
    ...{ hashDistance: 20, agreement: null, placement: null, commonness: null, step: 'alike' },
  };
}

const base = makeCaseFile();
const file = makeCaseFile({
  ...{ queryIds: [queryId], exhibits: [], influence: [], shares: [] },
  copies: {
    ...base.copies!,
    queries: [
      {
        ...{ queryId, role: 'query', sampleId: null, change: '', commonness: null },
        matches: Array.from({ length: 20 }, (_, index) => match(index + 1, index + 1)),
      },
    ],
  },
});

describe('exhibits that are added blind', () => {
  it('are the nearest and some of the least near, mixed', () => {
    const ids = blindCandidates(file).map(({ sampleId }) => Number(sampleId));
    expect(ids.toSorted((a, b) => a - b)).toEqual([1, 2, 19, 20]);
  });

  it('hold the group that scores most and the one that scores least', () => {
    const found = blindCandidates({ ...file, copies: null, shares: base.shares });
    expect(found.map(({ groupId }) => Number(groupId)).toSorted()).toEqual([1, 2]);
  });

  it('are not added twice', () => {
    const [shown] = base.exhibits;
    const added = { ...shown!, queryId, sampleId: 1 as SampleId, groupId: null };
    expect(blindCandidates({ ...file, exhibits: [added] }).map(({ sampleId }) => sampleId)).not.toContain(1);
  });

  it('say nothing of themselves in their captions', () => {
    expect(blindCandidates(file).every(({ caption }) => caption === '')).toBe(true);
  });
});
