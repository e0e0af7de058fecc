/** @file Copyright cases, signed by this machine's reviewer. */
import type { cases } from '../../contract/cases-service.ts';
import type { Handlers } from '../../contract/service.ts';
import type { CaseId, QueryId, SampleId } from '../../contract/vocabulary.ts';
import { act, openCase } from '../cases/case-log.ts';
import type { AddedExhibit, CaseAction } from '../cases/case-action.ts';
import { rightsFromColumns } from '../cases/column-rights.ts';
import { drawDifference } from '../cases/difference-map.ts';
import type { CaseState } from '../cases/fold-case.ts';
import { requireFitRun } from '../cases/linked-runs.ts';
import { listCases } from '../cases/list-cases.ts';
import { currentManifest } from '../cases/manifest.ts';
import { readCase } from '../cases/read-case.ts';
import { memberValues } from '../storage/cases.ts';
import type { Connection } from '../storage/connection.ts';
import { readGroup } from '../storage/groups.ts';
import { readModel } from '../storage/models.ts';
import { readQuery } from '../storage/queries.ts';
import { readSampleDetail } from '../storage/samples.ts';
import type { EngineContext } from './engine-context.ts';

type CasesHandlers = Handlers<typeof cases>;

/** Changes a case by what `decide` makes of it, and tells everyone. */
type Change = (caseId: CaseId, decide: (state: CaseState) => CaseAction | null) => CaseState;

/** Of the rights of a group that nobody has said anything of. */
const nothingKnown = { rightsHolder: '', licence: '', optOut: 'unknown', note: '' } as const;

export function makeCasesHandlers(context: EngineContext): CasesHandlers {
  const change: Change = (caseId, decide) => {
    const { project, machine } = context;
    const state = act(project.connection, caseId, machine.reviewer, decide);
    context.emit('cases', 'changed', { caseId });
    return state;
  };
  return {
    list: () => listCases(context.project.connection),
    read: ({ caseId }) => readCase(context.project.connection, caseId),
    open: ({ name, question }) => {
      const { project, machine } = context;
      const caseId = openCase(project.connection, { action: 'open', name, question }, machine.reviewer);
      context.emit('cases', 'changed', { caseId });
      return caseId;
    },
    ...factHandlers(context, change),
    ...reviewHandlers(context, change),
    differenceMap: ({ caseId, queryId, sampleId }) => {
      const { folder, connection } = context.project;
      const rows = readCase(connection, caseId).copies?.queries ?? [];
      const row = rows.find((query) => query.role === 'query' && query.queryId === queryId);
      const match = row?.matches.find((other) => other.sampleId === sampleId);
      return drawDifference(folder, { queryId, sampleId, placement: match?.placement ?? null });
    },
  };
}

/** A change that answers nothing; `decide` is given the database and the case as it stands. */
function changingWith(context: EngineContext, change: Change) {
  return <Request extends { readonly caseId: CaseId }>(
      decide: (request: Request, connection: Connection, state: CaseState) => CaseAction | null,
    ) =>
    (request: Request): null => {
      change(request.caseId, (state) => decide(request, context.project.connection, state));
      return null;
    };
}

/** What a case is about, and what is known of it. */
function factHandlers(context: EngineContext, change: Change) {
  const changing = changingWith(context, change);
  return {
    change: changing(({ caseId: _caseId, queryIds, ...facts }, connection) => {
      for (const id of facts.modelIds ?? []) readModel(connection, id, 'generate');
      const queries = queryIds?.map((id) => ({ id, sha256: readQuery(connection, id).sha256 }));
      return { action: 'change', ...facts, ...(queries === undefined ? {} : { queries }) };
    }),
    setStatus: changing(({ status }, _, state) =>
      status === state.status ? null : { action: 'set-status', status },
    ),
    setRights: changing(({ rights }, connection, state) => {
      const { groupId } = rights;
      const { name, memberCount } = readGroup(connection, groupId);
      const known = { ...nothingKnown, ...state.groups.get(groupId) };
      const said = Object.fromEntries(Object.entries(rights).filter(([, value]) => value !== undefined));
      const group = { ...known, ...said, groupId, name, memberCount, source: 'person' as const };
      return { action: 'set-rights', groups: [group] };
    }),
    addGroups: changing(({ groupIds }, connection, state) => {
      const groups = groupIds
        .filter((groupId) => !state.groups.has(groupId))
        .map((groupId) => {
          const { name, memberCount } = readGroup(connection, groupId);
          const rights = rightsFromColumns(memberValues(connection, groupId), memberCount);
          return { groupId, name, memberCount, ...rights, note: '', source: 'columns' as const };
        });
      return groups.length === 0 ? null : { action: 'set-rights', groups };
    }),
    removeGroups: changing(({ groupIds }) => ({ action: 'remove-groups', groupIds })),
    takeManifest: ({ caseId }) => {
      const manifest = currentManifest(context.project.connection);
      const { changedAt: at } = change(caseId, () => ({ action: 'take-manifest', manifest }));
      return { ...manifest, unchanged: true, at };
    },
    answer: changing(({ answer }) => ({ action: 'answer', answer })),
    linkRun: changing(({ check, runId }, connection, state) => {
      requireFitRun(connection, check, runId);
      return state.runs.get(runId) === check ? null : { action: 'link-run', check, runId };
    }),
    unlinkRun: changing(({ runId }, _, state) =>
      state.runs.has(runId) ? { action: 'unlink-run', runId } : null,
    ),
  } satisfies Partial<CasesHandlers>;
}

/** What people make of it. */
function reviewHandlers(context: EngineContext, change: Change) {
  const changing = changingWith(context, change);
  return {
    addExhibits: ({ caseId, exhibits }) => {
      const { connection } = context.project;
      let added: AddedExhibit[] = [];
      change(caseId, ({ nextNumber }) => {
        added = exhibits.map((exhibit, index) => ({
          ...exhibit,
          number: nextNumber + index,
          ...contentOf(connection, exhibit.queryId, exhibit.sampleId),
        }));
        for (const { groupId } of exhibits) if (groupId !== null) readGroup(connection, groupId);
        return { action: 'add-exhibits', exhibits: added };
      });
      return { numbers: added.map(({ number }) => number) };
    },
    changeExhibit: changing(({ caseId: _caseId, ...changes }) => ({ action: 'change-exhibit', ...changes })),
    withdrawExhibit: changing(({ number, reason }) => ({ action: 'withdraw-exhibit', number, reason })),
    judge: changing(({ number, judgement }) => ({ action: 'judge', number, judgement })),
    note: changing(({ text }) => ({ action: 'note', text })),
    decide: changing(({ text }) => ({ action: 'decide', text })),
  } satisfies Partial<CasesHandlers>;
}

/** What an exhibit shows, by content: a file that changed later is found out. */
function contentOf(
  connection: Connection,
  queryId: QueryId,
  sampleId: SampleId | null,
): Pick<AddedExhibit, 'querySha256' | 'sampleSha256' | 'samplePath'> {
  const sample = sampleId === null ? null : readSampleDetail(connection, sampleId);
  return {
    querySha256: readQuery(connection, queryId).sha256,
    sampleSha256: sample?.sha256 ?? null,
    samplePath: sample?.path ?? null,
  };
}
