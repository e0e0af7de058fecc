/** @file What the runs of a case answer, each beside its controls. */
import type { CaseCheck, CaseControl, CaseFile, GroupShares } from '../../contract/cases-service.ts';
import { groupMethodWords } from '../../contract/generation-words.ts';
import type { RunId } from '../../contract/vocabulary.ts';
import { readCopySearch } from '../storage/cases.ts';
import type { Connection } from '../storage/connection.ts';
import { readGroupAttribution } from '../storage/groups.ts';
import { stepOfGroupMethod } from './claim-steps.ts';
import { copyControls, groupControls } from './controls.ts';
import type { CaseState } from './fold-case.ts';
import { readInfluence } from './influence-methods.ts';
import { readCaseRuns } from './linked-runs.ts';

export type Checks = Pick<CaseFile, 'runs' | 'copies' | 'influence' | 'agreement' | 'shares' | 'controls'>;

export function readChecks(connection: Connection, state: CaseState): Checks {
  const runs = readCaseRuns(connection, state);
  const finished = (check: CaseCheck): RunId[] =>
    runs.flatMap((run) => (run.check === check && run.status === 'finished' ? [run.runId] : []));
  // A search over all queries replaces the one before it.
  const newest = finished('copies').at(-1);
  const copies = newest === undefined ? null : readCopySearch(connection, newest);
  const { controls: ofInfluence, ...found } = readInfluence(
    connection,
    finished('influence'),
    new Set(state.queries.map(({ id }) => id)),
  );
  const groups = (['groups', 'removal'] as const).flatMap((check) =>
    finished(check).map((runId) => readShares(connection, check, runId)),
  );
  return {
    runs,
    copies,
    ...found,
    shares: groups.map(({ shares }) => shares),
    controls: [
      ...(copies === null ? [] : copyControls(copies)),
      ...ofInfluence,
      ...groups.flatMap(({ controls }) => controls),
    ],
  };
}

function readShares(
  connection: Connection,
  check: CaseCheck,
  runId: RunId,
): { readonly shares: GroupShares; readonly controls: CaseControl[] } {
  const { modelId, choices, groups, queries, controls } = readGroupAttribution(connection, runId);
  const { method, repeats } = choices;
  const title = `${groupMethodWords[method].title}${repeats === 1 ? '' : `, ${repeats} repeats`}`;
  return {
    shares: { runId, modelId, title, step: stepOfGroupMethod(method), groups, queries },
    controls: groupControls(check, runId, controls),
  };
}
