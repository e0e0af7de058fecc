import { describe, expect, it } from 'vitest';
import { makeCaseFile } from '../../../testing/case-file.ts';
import type { CaseFile } from '../../contract/cases-service.ts';
import type { RunId } from '../../contract/vocabulary.ts';
import { newestAnswers, partState, progressOf } from './case-parts.ts';

const at = '2026-11-30T08:00:00.000Z';
const empty = makeCaseFile({
  ...{ queryIds: [], modelIds: [], groups: [], manifest: null, completeness: [], runs: [], copies: null },
  ...{ influence: [], agreement: [], shares: [], controls: [], findings: [], exhibits: [], notes: [] },
  ...{ decision: null, controlsMet: null, status: 'open' },
});

function run(
  check: CaseFile['runs'][number]['check'],
  id: number,
  change: Partial<CaseFile['runs'][number]> = {},
) {
  return { check, runId: id as RunId, status: 'finished' as const, outdated: false, covers: [], ...change };
}

describe('the parts of a case', () => {
  it('are all to do at first, but for the removal test, which may be left out', () => {
    expect(partState(empty, 'materials')).toBe('to-do');
    expect(partState(empty, 'influence')).toBe('to-do');
    expect(partState(empty, 'removal')).toBe('optional');
    expect(progressOf(empty)).toEqual({ done: 0, of: 9 });
  });

  it('ask for two methods of influence, and say when one of two is outdated', () => {
    const one = { ...empty, runs: [run('influence', 1)] };
    const two = { ...empty, runs: [run('influence', 1), run('influence', 2)] };
    const aged = { ...empty, runs: [run('influence', 1), run('influence', 2, { outdated: true })] };
    expect([one, two, aged].map((file) => partState(file, 'influence'))).toEqual([
      'to-do',
      'done',
      'outdated',
    ]);
  });

  it('are running while a run is under way, and not met where a control of the check failed', () => {
    const running = { ...empty, runs: [run('copies', 1), run('copies', 2, { status: 'running' })] };
    expect(partState(running, 'copies')).toBe('running');
    const control = {
      name: 'held-out-image',
      check: 'copies',
      runId: 1 as RunId,
      met: false,
      finding: '',
    } as const;
    expect(partState({ ...empty, runs: [run('copies', 1)], controls: [control] }, 'copies')).toBe('not-met');
  });

  it('take the newest answer to each question', () => {
    const answer = (answered: 'yes' | 'no', moment: string): CaseFile['completeness'][number] => ({
      ...{ question: 'model', answer: answered, answeredBy: 'Ann', basis: '', reviewer: 'Bo', at: moment },
    });
    const file = { ...empty, completeness: [answer('yes', '2026-12-01T00:00:00.000Z'), answer('no', at)] };
    expect(newestAnswers(file).map((newest) => newest.answer)).toEqual(['yes']);
    expect(partState({ ...empty, completeness: [answer('no', at)] }, 'completeness')).toBe('not-met');
  });
});
