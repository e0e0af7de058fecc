/** @file The runs of a case: which can be linked as which check, whether they still hold, and what they answer. */
import { AppError } from '../../core/base/app-error.ts';
import type { CaseCheck, CaseRun } from '../../contract/cases-service.ts';
import type { Run } from '../../contract/runs-service.ts';
import type { GroupId, QueryId, RunId } from '../../contract/vocabulary.ts';
import { readCopySearch } from '../storage/cases.ts';
import type { Connection } from '../storage/connection.ts';
import { holdTheSameImages, readGroupAttribution } from '../storage/groups.ts';
import { readQueryAttribution } from '../storage/queries.ts';
import { readRun } from '../storage/runs.ts';
import type { CaseState } from './fold-case.ts';
import { sawTheseImages } from './manifest.ts';

const kindOf: Readonly<Record<CaseCheck, Run['kind']>> = {
  copies: 'find-copies',
  influence: 'attribute-queries',
  groups: 'attribute-groups',
  removal: 'attribute-groups',
};

/** Throws `run-not-found`, and `case-run-unfit` for a run of another kind. */
export function requireFitRun(connection: Connection, check: CaseCheck, runId: RunId): void {
  const { kind } = readRun(connection, runId);
  if (kind !== kindOf[check])
    throw new AppError('case-run-unfit', {
      ...{ runId, check },
      reason: `it is of the kind ${kind}, and this check is made of runs of the kind ${kindOf[check]}`,
    });
}

/** In the order in which they were linked. */
export function readCaseRuns(connection: Connection, state: CaseState): CaseRun[] {
  const queryIds = new Set(state.queries.map(({ id }) => id));
  return Array.from(state.runs, ([runId, check]) => {
    const { status } = readRun(connection, runId);
    if (status !== 'finished') return { check, runId, status, outdated: false, covers: [] };
    const { covered, groupIds } = answersOf(connection, check, runId);
    return {
      ...{ check, runId, status },
      outdated: isOutdated(connection, runId, groupIds),
      covers: covered.filter((id) => queryIds.has(id)),
    };
  });
}

/** Whether the training images, or these groups that the run is about, are others now than when it read them. */
export function isOutdated(connection: Connection, runId: RunId, groupIds: readonly GroupId[]): boolean {
  if (!sawTheseImages(connection, runId)) return true;
  return groupIds.length > 0 && !holdTheSameImages(connection, runId, groupIds);
}

function answersOf(
  connection: Connection,
  check: CaseCheck,
  runId: RunId,
): { readonly covered: readonly QueryId[]; readonly groupIds: readonly GroupId[] } {
  switch (check) {
    case 'copies': {
      const { queries } = readCopySearch(connection, runId);
      const covered = queries.flatMap(({ role, queryId }) => (role === 'query' ? [queryId as QueryId] : []));
      return { covered, groupIds: [] };
    }
    case 'influence': {
      const found = readQueryAttribution(connection, runId);
      return { covered: found?.queries.map(({ queryId }) => queryId) ?? [], groupIds: [] };
    }
    case 'groups':
    case 'removal': {
      const { queries, groups } = readGroupAttribution(connection, runId);
      return {
        covered: queries.map(({ queryId }) => queryId),
        groupIds: groups.map(({ groupId }) => groupId),
      };
    }
  }
}
