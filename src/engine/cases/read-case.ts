/** @file A case with all that its runs found: what the window shows and a report is written from. */
import type {
  CaseCheck,
  CaseControl,
  CaseEntry,
  CaseFile,
  CaseManifest,
  Exhibit,
  Finding,
  GroupShares,
} from '../../contract/cases-service.ts';
import { stepNumber } from '../../contract/claims.ts';
import { groupMethodWords } from '../../contract/generation-words.ts';
import type { CaseId, EventId, RunId } from '../../contract/vocabulary.ts';
import { listCaseEvents, readCopySearch } from '../storage/cases.ts';
import type { Connection } from '../storage/connection.ts';
import { readGroupAttribution } from '../storage/groups.ts';
import { CaseAction } from './case-action.ts';
import { listStates, readState } from './case-log.ts';
import { stepOfGroupMethod } from './claim-steps.ts';
import { allControlsMet, copyControls, groupControls } from './controls.ts';
import { findingsOf } from './findings.ts';
import type { CaseState, ExhibitState } from './fold-case.ts';
import { readInfluence } from './influence-methods.ts';
import { readCaseRuns } from './linked-runs.ts';
import { currentManifest } from './manifest.ts';

/** Newest first. */
export function listCases(connection: Connection): CaseEntry[] {
  return listStates(connection).map((state) => entryOf(state, readChecks(connection, state)));
}

export function readCase(connection: Connection, caseId: CaseId): CaseFile {
  const state = readState(connection, caseId);
  const checks = readChecks(connection, state);
  const findings = findingsOf({ queryIds: state.queries.map(({ id }) => id), ...checks });
  return {
    ...entryOf(state, checks),
    queryIds: state.queries.map(({ id }) => id),
    modelIds: [...state.modelIds],
    groups: [...state.groups.values()],
    manifest: state.manifest === null ? null : withStanding(connection, state.manifest),
    completeness: [...state.completeness],
    ...checks,
    findings,
    exhibits: Array.from(state.exhibits.values(), (exhibit) => toExhibit(exhibit, findings)),
    notes: [...state.notes],
    decision: state.decision,
    blind: state.blind,
    codeNames: state.codeNames,
    events: readEvents(connection, caseId),
  };
}

type Checks = Pick<CaseFile, 'runs' | 'copies' | 'influence' | 'agreement' | 'shares' | 'controls'>;

function readChecks(connection: Connection, state: CaseState): Checks {
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

function entryOf(state: CaseState, { controls, runs }: Checks): CaseEntry {
  const { id, name, question, status, createdAt, changedAt } = state;
  return {
    ...{ id, name, question, status, createdAt, changedAt },
    queryCount: state.queries.length,
    exhibitCount: state.exhibits.size,
    controlsMet: allControlsMet(controls, countedRuns(runs)),
  };
}

/** Of searches for copies only the newest that finished counts: see `readChecks`. */
function countedRuns(runs: CaseFile['runs']): CaseFile['runs'] {
  const newest = runs.findLast(({ check, status }) => check === 'copies' && status === 'finished');
  return runs.filter((run) => run.check !== 'copies' || newest === undefined || run === newest);
}

function withStanding(connection: Connection, manifest: Omit<CaseManifest, 'unchanged'>): CaseManifest {
  return { ...manifest, unchanged: currentManifest(connection).sha256 === manifest.sha256 };
}

function toExhibit(exhibit: ExhibitState, findings: readonly Finding[]): Exhibit {
  const { unseen: _unseen, samplePath: _samplePath, judgements, ...rest } = exhibit;
  const steps = findings
    .filter(({ supported, queryId }) => supported && queryId === rest.queryId)
    .filter(({ sampleId, groupId }) => sampleId === rest.sampleId && groupId === rest.groupId)
    .map(({ step }) => step);
  const step = steps.sort((a, b) => stepNumber(b) - stepNumber(a))[0] ?? null;
  return { ...rest, judgements: [...judgements], step };
}

function readEvents(connection: Connection, caseId: CaseId): CaseFile['events'] {
  return listCaseEvents(connection, caseId).map(({ eventId, at, reviewer, text, payload }) => ({
    ...{ eventId: eventId as EventId, kind: CaseAction.parse(payload).action, text, reviewer, at },
  }));
}
