import { describe, expect, it } from 'vitest';
import { makeCaseFile } from '../../../testing/case-file.ts';
import type { GroupScore } from '../../contract/groups-service.ts';
import { compareCopies, compareGroups, compareInfluence } from './compare-scores.ts';
import { copiesTable, groupsTable, influenceTable } from './score-tables.ts';

const caseFile = makeCaseFile();
const copies = caseFile.copies!;
const [method] = caseFile.influence;
const [shares] = caseFile.shares;

describe('a repeated computation', () => {
  it('holds where it gives the same figures', () => {
    expect(compareCopies(copiesTable(caseFile), 5, copies).holds).toBe(true);
    expect(compareInfluence(influenceTable(caseFile), 6, method!).holds).toBe(true);
    expect(compareGroups(groupsTable(caseFile), 8, shares!).holds).toBe(true);
  });

  it('does not where a figure is off by more than what is allowed, and says by how much', () => {
    const off = {
      ...method!,
      queries: method!.queries.map((query) => ({
        ...query,
        proponents: query.proponents.map((one) => ({ ...one, score: one.score + 0.1 })),
      })),
    };
    expect(compareInfluence(influenceTable(caseFile), 6, off)).toEqual({
      holds: false,
      detail: '2 figures: the largest difference is 0.0286, allowed is 0.01.',
    });
    const near = {
      ...method!,
      queries: method!.queries.map((query) => ({
        ...query,
        proponents: query.proponents.map((one) => ({ ...one, score: one.score * 1.005 })),
      })),
    };
    expect(compareInfluence(influenceTable(caseFile), 6, near).holds).toBe(true);
  });

  it('does not where a figure of a group is another: its score, band or share, or what the shares leave over', () => {
    const holds = (change: Partial<GroupScore>, unattributed = 0): boolean =>
      compareGroups(groupsTable(caseFile), 8, {
        queries: shares!.queries.map((query) => ({
          ...query,
          scores: query.scores.map((score) => ({ ...score, ...change })),
          unattributed: query.unattributed! + unattributed,
        })),
      }).holds;
    const [score] = shares!.queries[0]!.scores;
    expect(holds({})).toBe(true);
    expect(holds({ perImage: score!.perImage * 1.1 })).toBe(false);
    expect(holds({ deviation: 7 })).toBe(false);
    expect(holds({ band: { ...score!.band!, high: score!.band!.high + score!.raw } })).toBe(false);
    expect(holds({ share: score!.share! + 0.1 })).toBe(false);
    expect(holds({}, 0.1)).toBe(false);
  });

  it('does not where a finding is of another step, or not found again', () => {
    const weaker = {
      ...copies,
      queries: copies.queries.map((query) => ({
        ...query,
        matches: query.matches.map((match) => ({ ...match, step: 'alike' as const })),
      })),
    };
    expect(compareCopies(copiesTable(caseFile), 5, weaker)).toMatchObject({
      holds: false,
      detail: expect.stringContaining('1 were not found again') as string,
    });
    expect(compareGroups(groupsTable(caseFile), 8, { queries: [] }).holds).toBe(false);
    expect(compareGroups(groupsTable(caseFile), 99, shares!).detail).toBe(
      'The bundle has no figures of this run.',
    );
  });
});
