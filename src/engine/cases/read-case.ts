/** @file A case with all that its runs found: what the window shows and a report is written from. */
import type { CaseFile, CaseManifest, Exhibit, Finding } from '../../contract/cases-service.ts';
import { stepNumber } from '../../contract/claims.ts';
import type { CaseId, EventId } from '../../contract/vocabulary.ts';
import { listCaseEvents } from '../storage/cases.ts';
import type { Connection } from '../storage/connection.ts';
import { CaseAction } from './case-action.ts';
import { readState } from './case-log.ts';
import { summarise, toEntry } from './case-summary.ts';
import { findingsOf } from './findings.ts';
import type { ExhibitState } from './fold-case.ts';
import { currentManifest } from './manifest.ts';
import { readChecks } from './read-checks.ts';

export function readCase(connection: Connection, caseId: CaseId): CaseFile {
  const state = readState(connection, caseId);
  const checks = readChecks(connection, state);
  const outdated = new Set(checks.runs.filter((run) => run.outdated).map(({ runId }) => runId));
  const findings = findingsOf({ queryIds: state.queries.map(({ id }) => id), ...checks });
  return {
    ...toEntry(caseId, summarise(state, checks), ({ runId }) => outdated.has(runId)),
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
