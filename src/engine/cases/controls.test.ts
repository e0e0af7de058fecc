import { describe, expect, it } from 'vitest';
import {
  FindCopiesConfig,
  type CaseControl,
  type CopySearch,
  type QueryCopies,
} from '../../contract/cases-service.ts';
import type { QueryId, RunId, SampleId } from '../../contract/vocabulary.ts';
import { rightsFromColumns } from './column-rights.ts';
import { allControlsMet, controlsOfRunMet, copyControls, type JudgedRun } from './controls.ts';
import { influenceControls } from './influence-controls.ts';
import { agreementOf } from './method-agreement.ts';

const RUN = 7 as RunId;
const control = (
  met: boolean | null,
  name: CaseControl['name'] = 'unrelated-query',
  runId = RUN,
): CaseControl => ({
  ...{ name, check: 'copies', runId, met, finding: '' },
});

describe('controls of a run', () => {
  it('hold where all are met, fail where one fails, and are open where one was not checked', () => {
    expect(controlsOfRunMet([control(true), control(true)], RUN)).toBe(true);
    expect(controlsOfRunMet([control(null), control(false)], RUN)).toBe(false);
    expect(controlsOfRunMet([control(true), control(null)], RUN)).toBeNull();
    expect(controlsOfRunMet([], RUN)).toBeNull();
  });

  it('do not wait for held-out images where the project has none', () => {
    expect(controlsOfRunMet([control(true), control(null, 'held-out-image')], RUN)).toBe(true);
    expect(controlsOfRunMet([control(null, 'held-out-image')], RUN)).toBeNull();
  });

  it('of a case are met only where every run is finished, up to date, and met its own', () => {
    const run: JudgedRun = { runId: RUN, check: 'groups', status: 'finished', outdated: false, met: true };
    expect(allControlsMet([run])).toBe(true);
    expect(allControlsMet([])).toBeNull();
    expect(allControlsMet([run, { ...run, met: null }])).toBeNull();
    expect(allControlsMet([{ ...run, outdated: true }])).toBeNull();
    expect(allControlsMet([{ ...run, outdated: true, met: false }])).toBe(false);
    expect(allControlsMet([run, { ...run, status: 'running', met: null }])).toBeNull();
  });

  it('of a case are those of the newest search for copies, where one finished', () => {
    const search: JudgedRun = {
      runId: RUN,
      check: 'copies',
      status: 'finished',
      outdated: false,
      met: false,
    };
    const newer: JudgedRun = { ...search, met: true };
    expect(allControlsMet([search, newer])).toBe(true);
    expect(allControlsMet([newer, { ...search, status: 'failed', met: null }])).toBe(true);
    expect(allControlsMet([{ ...search, status: 'failed', met: null }])).toBeNull();
  });
});

function row(role: QueryCopies['role'], change: string, near: boolean, sampleId = 1): QueryCopies {
  const match: QueryCopies['matches'][number] = {
    ...{
      sampleId: 1 as SampleId,
      relation: 'aligned',
      rank: 1,
      similarity: 1,
      hashDistance: 0,
      agreement: 1,
    },
    ...{ placement: null, commonness: 0, step: near ? 'near-copy' : 'alike' },
  };
  return { queryId: -1, role, sampleId: sampleId as SampleId, change, matches: [match], commonness: 0 };
}

const search = (queries: QueryCopies[]): CopySearch => ({
  ...{ runId: RUN, config: FindCopiesConfig.parse({}), embedding: '', imageCount: 9, queries },
});
const verdicts = (queries: QueryCopies[]): (boolean | null)[] =>
  copyControls(search(queries)).map(({ met }) => met);

describe('controls of a search for copies', () => {
  it('want every training image found as it is, and most of those that were changed', () => {
    const same = row('training-image', '', true);
    const changed = (found: boolean): QueryCopies => row('training-image', 'mirrored', found);
    expect(verdicts([same, changed(true), changed(true), changed(true), changed(false)])[0]).toBe(true);
    expect(verdicts([same, changed(true), changed(false)])[0]).toBe(false);
    expect(verdicts([row('training-image', '', true, 2), changed(true)])[0]).toBe(false);
    expect(verdicts([])).toEqual([null, null, null]);
  });

  it('allow one near-copy among the held-out images, and none of a pattern', () => {
    const heldOut = (near: boolean): QueryCopies => row('held-out-image', '', near);
    expect(verdicts([heldOut(true), heldOut(false)])[1]).toBe(true);
    expect(verdicts([heldOut(true), heldOut(true), heldOut(false)])[1]).toBe(false);
    expect(verdicts([row('unrelated', '', true)])[2]).toBe(false);
  });
});

describe('controls of estimated influence', () => {
  const of = (
    role: 'training-image' | 'held-out-image' | 'unrelated',
    strongest: number,
    rank: number | null,
  ) => ({
    ...{ role, sampleId: null, mean: 0, deviation: 1, strongest },
    own: rank === null ? null : { rank, score: strongest },
  });
  const met = (controls: ReturnType<typeof of>[]): (boolean | null)[] =>
    influenceControls(RUN, { trainCount: 100, queries: [], controls }).map((each) => each.met);

  it('want training images to find themselves, and unseen ones to stand lower than those do', () => {
    const known = [of('training-image', 9, 1), of('training-image', 8, 2)];
    expect(met([...known, of('held-out-image', 4, null), of('unrelated', 3, null)])).toEqual([
      true,
      true,
      true,
    ]);
    expect(met([...known, of('held-out-image', 12, null), of('unrelated', 3, null)])[1]).toBe(false);
    expect(met([of('training-image', 9, 11), of('unrelated', 3, null)])).toEqual([false, null, true]);
  });

  it('say that nothing was checked where no images were asked about', () => {
    expect(influenceControls(RUN, null).map((each) => each.met)).toEqual([null, null, null]);
  });
});

describe('agreement of two methods', () => {
  const kept = (ids: number[], against: number[] = []) => ({
    queryId: 1 as QueryId,
    proponents: ids.map((sampleId) => ({ sampleId, score: 1 })),
    opponents: against.map((sampleId) => ({ sampleId, score: -1 })),
  });
  const first = Array.from({ length: 10 }, (_, index) => index + 1);

  it('is the part of the strongest that both name, where both kept enough', () => {
    expect(agreementOf(kept(first), kept(first))).toEqual({ top10: 1, top50: null, sameSign: 1 });
    expect(agreementOf(kept(first), kept(first.map((id) => id + 5))).top10).toBe(0.5);
    expect(agreementOf(kept(first), kept([1])).top10).toBeNull();
  });

  it('counts signs over what both kept, on either side', () => {
    expect(agreementOf(kept([1, 2], [3]), kept([1], [2])).sameSign).toBe(0.5);
    expect(agreementOf(kept([1]), kept([2])).sameSign).toBeNull();
  });
});

describe('rights in columns', () => {
  it('count where all members agree, under any usual name', () => {
    const all = { count: 3 };
    expect(
      rightsFromColumns(
        [
          { name: 'Copyright Holder', value: 'Studio A', ...all },
          { name: 'license', value: 'CC BY', count: 2 },
          { name: 'opt-out', value: 'No', ...all },
        ],
        3,
      ),
    ).toEqual({ rightsHolder: 'Studio A', licence: '', optOut: 'not-opted-out' });
    expect(rightsFromColumns([{ name: 'opt_out', value: 'perhaps', ...all }], 3).optOut).toBe('unknown');
  });
});
