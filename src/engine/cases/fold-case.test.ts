import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CaseId, GroupId, QueryId, RunId, SampleId } from '../../contract/vocabulary.ts';
import { AppError } from '../../core/base/app-error.ts';
import type { CaseAction } from './case-action.ts';
import { afterStep, foldCase, type CaseState, type CaseStep } from './fold-case.ts';

const CASE = 1 as CaseId;
const opening: CaseAction = { action: 'open', name: 'Lion', question: 'Where is this lion from?' };

function step(action: CaseAction, index = 0): CaseStep {
  return {
    eventId: index + 1,
    at: `2026-01-01T00:00:${String(index).padStart(2, '0')}.000Z`,
    reviewer: 'Ada',
    action,
  };
}

function after(...actions: CaseAction[]): CaseState {
  return foldCase(CASE, [opening, ...actions].map(step));
}

function exhibit(number: number): Extract<CaseAction, { action: 'add-exhibits' }>['exhibits'][number] {
  return {
    ...{ number, queryId: 1 as QueryId, querySha256: 'a', caption: '' },
    ...{ sampleId: 2 as SampleId, sampleSha256: 'b', samplePath: 'lion.png', groupId: null },
  };
}
const add = (...numbers: number[]): CaseAction => ({
  action: 'add-exhibits',
  exhibits: numbers.map(exhibit),
});
const judge = (number: number): CaseAction => ({
  action: 'judge',
  number,
  judgement: { verdict: 'same-subject', note: '' },
});
const close: CaseAction = { action: 'set-status', status: 'closed' };

describe('a case made of its events', () => {
  it('begins open, blind and empty', () => {
    expect(after()).toMatchObject({
      name: 'Lion',
      status: 'open',
      blind: true,
      nextNumber: 1,
      decision: null,
    });
  });

  it('is not there without its opening', () => {
    expect(() => foldCase(CASE, [])).toThrow(expect.objectContaining({ code: 'case-not-found' }));
  });

  it('refuses every change while it is closed, and takes them again once it is open', () => {
    const note: CaseAction = { action: 'note', text: 'late' };
    expect(() => after(close, note)).toThrow(expect.objectContaining({ code: 'case-closed' }));
    expect(after(close, { action: 'set-status', status: 'open' }, note).notes).toHaveLength(1);
  });

  it('keeps every answer and judgement', () => {
    const answer = (word: 'yes' | 'no'): CaseAction => ({
      action: 'answer',
      answer: { question: 'model', answer: word, answeredBy: 'Bo, archive', basis: 'letter' },
    });
    const state = after(answer('yes'), answer('no'), add(1), judge(1), judge(1));
    expect(state.completeness.map(({ answer: word }) => word)).toEqual(['yes', 'no']);
    expect(state.exhibits.get(1)!.judgements).toHaveLength(2);
  });

  it('does not give the number of a withdrawn exhibit again', () => {
    const state = after(add(1, 2), { action: 'withdraw-exhibit', number: 2, reason: 'mistaken' });
    expect([...state.exhibits.keys()]).toEqual([1]);
    expect(state.nextNumber).toBe(3);
    expect(() => afterStep(state, step(judge(2)))).toThrow(
      expect.objectContaining({ code: 'exhibit-not-found' }),
    );
  });

  it('refuses an exhibit of neither or both of an image and a group', () => {
    for (const change of [{ sampleId: null }, { groupId: 3 as GroupId }])
      expect(() => after({ action: 'add-exhibits', exhibits: [{ ...exhibit(1), ...change }] })).toThrow(
        expect.objectContaining({ code: 'usage-invalid' }),
      );
  });

  it('counts a judgement as blind only where scores were hidden ever since the exhibit was added', () => {
    const shown = (blind: boolean): CaseAction => ({ action: 'change', blind });
    const state = after(
      add(1),
      judge(1),
      shown(false),
      add(2),
      shown(true),
      add(3),
      judge(1),
      judge(2),
      judge(3),
    );
    const blindOf = (number: number): boolean[] =>
      state.exhibits.get(number)!.judgements.map(({ blind }) => blind);
    expect([blindOf(1), blindOf(2), blindOf(3)]).toEqual([[true, false], [false], [true]]);
  });

  it('follows any sequence of steps the same way twice, never gives a number twice, and stands still while closed', () => {
    const anyAction = fc.oneof(
      fc.record({ action: fc.constant('note' as const), text: fc.string() }),
      fc.record({ action: fc.constant('change' as const), blind: fc.boolean(), name: fc.string() }),
      fc.record({
        action: fc.constant('set-status' as const),
        status: fc.constantFrom('open' as const, 'closed' as const),
      }),
      fc.record({
        action: fc.constant('link-run' as const),
        check: fc.constantFrom('copies' as const, 'removal' as const),
        runId: fc.integer({ min: 1, max: 4 }).map((id) => id as RunId),
      }),
      fc.integer({ min: 1, max: 4 }).map((id): CaseAction => ({ action: 'unlink-run', runId: id as RunId })),
      fc.constant('add' as const),
      fc
        .integer({ min: 1, max: 6 })
        .map((number): CaseAction => ({ action: 'withdraw-exhibit', number, reason: 'x' })),
      fc.integer({ min: 1, max: 6 }).map(judge),
    );
    fc.assert(
      fc.property(fc.array(anyAction, { maxLength: 40 }), (wanted) => {
        const kept: CaseStep[] = [step(opening)];
        const given = new Set<number>();
        let state = foldCase(CASE, kept);
        for (const one of wanted) {
          const action = one === 'add' ? add(state.nextNumber) : one;
          const next = step(action, kept.length);
          const wasClosed = state.status === 'closed';
          try {
            state = afterStep(state, next);
          } catch (cause) {
            expect(cause).toBeInstanceOf(AppError);
            continue;
          }
          expect(wasClosed && action.action !== 'set-status').toBe(false);
          if (action.action === 'add-exhibits') {
            expect(given.has(action.exhibits[0]!.number)).toBe(false);
            given.add(action.exhibits[0]!.number);
          }
          kept.push(next);
        }
        expect(foldCase(CASE, kept)).toEqual(state);
      }),
      { numRuns: 200 },
    );
  });
});
