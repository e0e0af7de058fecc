import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { CaseEntry, FindCopiesConfig, type QueryCopies } from '../../contract/cases-service.ts';
import type { CaseId, RunId } from '../../contract/vocabulary.ts';
import { keepCaseSummaries, listLastEvents, saveCopySearch } from '../storage/cases.ts';
import { appendEvent } from '../storage/event-log.ts';
import { createProjectFolder, type ProjectFolder } from '../storage/project-folder.ts';
import { insertRun, markRunFinished, markRunRunning } from '../storage/runs.ts';
import { act, openCase } from './case-log.ts';
import type { CaseAction } from './case-action.ts';
import { listCases } from './list-cases.ts';
import { noteManifest } from './manifest.ts';
import { readCase } from './read-case.ts';

let home: string;
let folder: ProjectFolder;
let [first, second]: CaseId[] = [];
beforeAll(() => {
  home = mkdtempSync(join(tmpdir(), 'whence-list-cases-'));
  folder = createProjectFolder(join(home, 'cases.whence'));
  first = open('Lion');
  second = open('Coat');
});
afterAll(() => {
  folder.close();
  rmSync(home, { recursive: true, force: true });
});

function open(name: string): CaseId {
  return openCase(folder.connection, { action: 'open', name, question: 'Whose?' }, 'Ada');
}

function step(caseId: CaseId, action: CaseAction): void {
  act(folder.connection, caseId, 'Ada', () => action);
}

/** The list, once it is what reading each case whole says. */
function list(): CaseEntry[] {
  const { connection } = folder;
  const listed = listCases(connection);
  expect(listed).toEqual([second!, first!].map((id) => CaseEntry.parse(readCase(connection, id))));
  return listed;
}

/** Ends a search that did not find its known image. */
function finishSearch(runId: RunId): void {
  const { connection } = folder;
  const asked = { queryId: -1, sampleId: null, change: '', matches: [], commonness: 0 };
  const queries: QueryCopies[] = [
    { ...asked, role: 'unrelated' },
    { ...asked, role: 'training-image' },
  ];
  const found = { config: FindCopiesConfig.parse({}), embedding: '', imageCount: 0, queries };
  noteManifest(connection, runId);
  saveCopySearch(connection, { runId, ...found });
  markRunFinished(connection, runId, {});
}

it('lists what reading each case says, whatever happens in it, to its runs and to the images', () => {
  const { connection } = folder;
  expect(list().map(({ name, controlsMet }) => [name, controlsMet])).toEqual([
    ['Coat', null],
    ['Lion', null],
  ]);
  step(first!, { action: 'change', name: 'The lion', queries: [{ id: 1 as never, sha256: 'a' }] });
  expect(list()[1]).toMatchObject({ name: 'The lion', queryCount: 1 });
  const runId = insertRun(connection, { kind: 'find-copies', config: FindCopiesConfig.parse({}) }, {});
  step(first!, { action: 'link-run', check: 'copies', runId });
  list();
  markRunRunning(connection, runId);
  list();
  finishSearch(runId);
  expect(list()[1]!.controlsMet).toBe(false);
  step(first!, { action: 'set-status', status: 'closed' });
  expect(list()[1]!.status).toBe('closed');
});

it('reads a case again only where an event of it was added', () => {
  const { connection } = folder;
  const before = list();
  const { eventId } = listLastEvents(connection).find(({ caseId }) => caseId === second!)!;
  const { id: _id, controlsMet: _met, ...facts } = before[0]!;
  const kept = { ...facts, name: 'As it was kept', runs: [] };
  keepCaseSummaries(connection, [{ caseId: second!, eventId, summary: kept }]);
  appendEvent(connection, { kind: 'import', reviewer: 'Ada', text: 'Imported', payload: {} });
  expect(listCases(connection).map(({ name }) => name)).toEqual(['As it was kept', 'The lion']);
  step(second!, { action: 'note', text: 'A sleeve.' });
  expect(list()[0]!.name).toBe('Coat');
  keepCaseSummaries(connection, [{ caseId: second!, eventId, summary: { of: 'another version' } }]);
  list();
});
