/** @file What a list shows of a case: made of the case once, and kept as long as nothing happens in it. */
import { z } from 'zod';
import { CaseCheck, CaseEntry } from '../../contract/cases-service.ts';
import { RunStatus } from '../../contract/runs-service.ts';
import { GroupId, RunId, type CaseId } from '../../contract/vocabulary.ts';
import { allControlsMet, controlsOfRunMet } from './controls.ts';
import type { CaseState } from './fold-case.ts';
import type { Checks } from './read-checks.ts';

/** A linked run with what its controls say. Whether it is outdated changes without the case, and is no part of it. */
const SummarisedRun = z.object({
  runId: RunId,
  check: CaseCheck,
  status: RunStatus,
  met: z.boolean().nullable(),
  /** That it is about. */
  groupIds: z.array(GroupId),
});
type SummarisedRun = z.infer<typeof SummarisedRun>;

export const CaseSummary = CaseEntry.omit({ id: true, controlsMet: true }).extend({
  runs: z.array(SummarisedRun),
});
export type CaseSummary = z.infer<typeof CaseSummary>;

export function summarise(state: CaseState, { runs, controls, shares }: Checks): CaseSummary {
  const { name, question, status, createdAt, changedAt } = state;
  return {
    ...{ name, question, status, createdAt, changedAt },
    queryCount: state.queries.length,
    exhibitCount: state.exhibits.size,
    runs: runs.map((run) => ({
      ...{ runId: run.runId, check: run.check, status: run.status },
      met: controlsOfRunMet(controls, run.runId),
      groupIds: (shares.find(({ runId }) => runId === run.runId)?.groups ?? []).map(({ groupId }) =>
        GroupId.parse(groupId),
      ),
    })),
  };
}

export function toEntry(
  id: CaseId,
  { runs, ...facts }: CaseSummary,
  isOutdated: (run: SummarisedRun) => boolean,
): CaseEntry {
  const judged = runs.map((run) => ({ ...run, outdated: run.status === 'finished' && isOutdated(run) }));
  return { id, ...facts, controlsMet: allControlsMet(judged) };
}
