/** @file Cases in the log: read as what their events make of them, and changed by the next event. */
import type { GroupId, CaseId, QueryId } from '../../contract/vocabulary.ts';
import { AppError } from '../../core/base/app-error.ts';
import {
  appendCaseEvent,
  listCaseEvents,
  listCaseIds,
  nextCaseId,
  type CaseEventRow,
} from '../storage/cases.ts';
import { transact, type Connection } from '../storage/connection.ts';
import { CaseAction } from './case-action.ts';
import { describeAction } from './describe-action.ts';
import { afterStep, foldCase, type CaseState, type CaseStep } from './fold-case.ts';

export function readState(connection: Connection, caseId: CaseId): CaseState {
  return foldCase(caseId, listCaseEvents(connection, caseId).map(toStep));
}

/** Newest first. */
export function listStates(connection: Connection): CaseState[] {
  return listCaseIds(connection).map((caseId) => readState(connection, caseId));
}

export function openCase(
  connection: Connection,
  action: Extract<CaseAction, { action: 'open' }>,
  reviewer: string,
): CaseId {
  return transact(connection, () => {
    const caseId = nextCaseId(connection);
    appendCaseEvent(connection, { caseId, reviewer, text: describeAction(caseId, action), action });
    return caseId;
  });
}

/** Writes what `decide` makes of the case as it stands; null: nothing is to be done. All or nothing, and refused where the case does not allow it. */
export function act(
  connection: Connection,
  caseId: CaseId,
  reviewer: string,
  decide: (state: CaseState) => CaseAction | null,
): CaseState {
  return transact(connection, () => {
    const state = readState(connection, caseId);
    const decided = decide(state);
    if (decided === null) return state;
    const action = CaseAction.parse(decided);
    const text = describeAction(caseId, action);
    const at = appendCaseEvent(connection, { caseId, reviewer, text, action });
    return afterStep(state, { eventId: 0, at, reviewer, action });
  });
}

/** Evidence is not thrown away while a case rests on it. */
export function refuseQueriesOfCases(connection: Connection, ids: readonly QueryId[]): void {
  const removed = new Set(ids);
  for (const { name, queries, exhibits } of listStates(connection)) {
    const used = [...queries.map(({ id }) => id), ...Array.from(exhibits.values(), ({ queryId }) => queryId)];
    const queryId = used.find((id) => removed.has(id));
    if (queryId !== undefined) throw new AppError('query-in-case', { queryId, caseName: name });
  }
}

export function refuseGroupsOfCases(connection: Connection, ids: readonly GroupId[]): void {
  for (const { name: caseName, groups } of listStates(connection))
    for (const id of ids) {
      const group = groups.get(id);
      if (group !== undefined) throw new AppError('group-in-case', { name: group.name, caseName });
    }
}

function toStep({ payload, ...event }: CaseEventRow): CaseStep {
  return { ...event, action: CaseAction.parse(payload) };
}
