import { describe, expect, it } from 'vitest';
import {
  FindCopiesConfig,
  type CaseControl,
  type CopyMatch,
  type CopySearch,
  type GroupShares,
  type InfluenceMethod,
} from '../../contract/cases-service.ts';
import type { GroupId, ModelId, QueryId, RunId, SampleId } from '../../contract/vocabulary.ts';
import { findingsOf, type Checked } from './findings.ts';

const QUERY = 1 as QueryId;
const run = (id: number): RunId => id as RunId;
const met = (id: number, value: boolean | null = true): CaseControl => ({
  ...{ name: 'unrelated-query', check: 'copies', runId: run(id), met: value, finding: '' },
});

function match(change: Partial<CopyMatch>): CopyMatch {
  return {
    ...{ sampleId: 5 as SampleId, relation: 'alike', rank: 1, similarity: 0.9, hashDistance: 3 },
    ...{ agreement: null, placement: null, commonness: 0.5, step: 'alike', ...change },
  };
}

function copies(...matches: CopyMatch[]): CopySearch {
  const row = {
    queryId: QUERY,
    role: 'query',
    sampleId: null,
    change: '',
    commonness: null,
    matches,
  } as const;
  return {
    runId: run(1),
    config: FindCopiesConfig.parse({}),
    embedding: '',
    imageCount: 9,
    queries: [{ ...row, matches }],
  };
}

function method(
  id: number,
  name: InfluenceMethod['method'],
  samples: number[],
  nullPercentile: number | null = 1,
): InfluenceMethod {
  return {
    ...{ runId: run(id), modelId: 1 as ModelId, method: name, title: name },
    step: name.startsWith('pixel') ? 'alike' : 'influence',
    queries: [
      {
        queryId: QUERY,
        proponents: samples.map((sampleId) => ({
          ...{
            sampleId: sampleId as SampleId,
            score: 1,
            deviation: null,
            standing: 3,
            percentile: 0.9,
            nullPercentile,
          },
        })),
      },
    ],
  };
}

function shares(step: GroupShares['step'], standsOut: boolean, raw = 4): GroupShares {
  const score = {
    ...{ groupId: 3 as GroupId, raw, perImage: 1, deviation: null, percentile: 1, pValue: 0.01, band: null },
    ...{ standsOut, share: 0.5 },
  };
  return {
    ...{ runId: run(4), modelId: 1 as ModelId, title: '', step, groups: [] },
    queries: [{ queryId: QUERY, scores: [score], unattributed: 0.5, verdict: 'attributed' }],
  };
}

function found(change: Partial<Checked>) {
  return findingsOf({
    ...{ queryIds: [QUERY], copies: null, influence: [], shares: [] },
    runs: [1, 2, 3, 4].map((id) => ({ runId: run(id), outdated: false })),
    controls: [1, 2, 3, 4].map((id) => met(id)),
    ...change,
  });
}

describe('findings', () => {
  it('of copies carry the step that each match reached; likeness only where it is uncommon', () => {
    const matches = [
      match({ step: 'manifest', relation: 'same-file', agreement: 1 }),
      match({ step: 'near-copy', sampleId: 6 as SampleId, agreement: 0.97 }),
      match({ sampleId: 7 as SampleId, commonness: 0.01 }),
      match({ sampleId: 8 as SampleId, commonness: 0.3 }),
    ];
    expect(found({ copies: copies(...matches) }).map(({ step, sampleId }) => [step, sampleId])).toEqual([
      ['alike', 7],
      ['near-copy', 6],
      ['manifest', 5],
    ]);
  });

  it('of influence need two methods that differ, beyond what control queries give', () => {
    const two = [method(2, 'd-trak', [9, 10]), method(3, 'das', [9])];
    expect(found({ influence: two })).toMatchObject([
      { step: 'influence', sampleId: 9, runIds: [2, 3], figures: { methods: 2, rank: 1 }, supported: true },
    ]);
    expect(found({ influence: [method(2, 'd-trak', [9]), method(3, 'd-trak', [9])] })).toEqual([]);
    expect(found({ influence: [method(2, 'd-trak', [9]), method(3, 'pixel-cos', [9])] })).toEqual([]);
    expect(found({ influence: [method(2, 'd-trak', [9]), method(3, 'das', [9], 0.2)] })).toEqual([]);
  });

  it('of groups are those that stand out and help', () => {
    expect(found({ shares: [shares('removal', true)] })).toMatchObject([{ step: 'removal', groupId: 3 }]);
    expect(found({ shares: [shares('influence', false)] })).toEqual([]);
    expect(found({ shares: [shares('influence', true, -4)] })).toEqual([]);
  });

  it('are not supported where a control failed or was not checked, or a run is outdated', () => {
    const checked = { shares: [shares('influence', true)] };
    const support = (change: Partial<Checked>) =>
      found({ ...checked, ...change }).map(({ supported }) => supported);
    expect(support({})).toEqual([true]);
    expect(support({ controls: [met(4, false)] })).toEqual([false]);
    expect(support({ controls: [met(4, null)] })).toEqual([false]);
    expect(support({ runs: [{ runId: run(4), outdated: true }] })).toEqual([false]);
  });

  it('are told of the queries of the case alone', () => {
    expect(found({ queryIds: [2 as QueryId], shares: [shares('removal', true)] })).toEqual([]);
  });
});
