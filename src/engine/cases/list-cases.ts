/** @file The cases of a project as a list shows them: a case is read whole only where something happened in it since. */
import type { CaseEntry } from '../../contract/cases-service.ts';
import type { CaseId } from '../../contract/vocabulary.ts';
import { keepCaseSummaries, listCaseSummaries, listLastEvents, type KeptSummary } from '../storage/cases.ts';
import type { Connection } from '../storage/connection.ts';
import { listRunStatuses } from '../storage/runs.ts';
import { readState } from './case-log.ts';
import { CaseSummary, summarise, toEntry } from './case-summary.ts';
import { isOutdated } from './linked-runs.ts';
import { readChecks } from './read-checks.ts';

/** Newest first. */
export function listCases(connection: Connection): CaseEntry[] {
  const standing = standingSummaries(connection);
  const made: KeptSummary[] = [];
  const entries = listLastEvents(connection).map(({ caseId, eventId }) => {
    let summary = standing(caseId, eventId);
    if (summary === null) {
      summary = makeSummary(connection, caseId);
      made.push({ caseId, eventId, summary });
    }
    return toEntry(caseId, summary, ({ runId, groupIds }) => isOutdated(connection, runId, groupIds));
  });
  keepCaseSummaries(connection, made);
  return entries;
}

/** Answers what was kept of a case; null: nothing, or an event was added or a run has moved on since. */
function standingSummaries(connection: Connection): (caseId: CaseId, eventId: number) => CaseSummary | null {
  const kept = new Map(listCaseSummaries(connection).map((row) => [row.caseId, row]));
  const statuses = listRunStatuses(connection);
  return (caseId, eventId) => {
    const row = kept.get(caseId);
    if (row?.eventId !== eventId) return null;
    const { data = null } = CaseSummary.safeParse(row.summary);
    const isStanding = data?.runs.every(({ runId, status }) => statuses.get(runId) === status);
    return isStanding === true ? data : null;
  };
}

function makeSummary(connection: Connection, caseId: CaseId): CaseSummary {
  const state = readState(connection, caseId);
  return summarise(state, readChecks(connection, state));
}
