import { copyFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeShapesProject, type ShapesProject } from '../../../testing/shapes-project.ts';
import { createClient, type Clients } from '../../contract/client.ts';
import { createLocalTransport } from '../../contract/local-transport.ts';
import { createServer } from '../../contract/server.ts';
import { engineServices, type EngineServices } from '../../contract/services.ts';
import { setOfSamples } from '../../contract/sample-set.ts';
import type { CaseId, GroupId, QueryId } from '../../contract/vocabulary.ts';
import { createEngine, type Engine } from '../create-engine.ts';
import { saveColumnCells } from '../storage/columns.ts';
import { pageHistory } from '../storage/history.ts';
import { standingEvents } from '../storage/replay-events.ts';

let project: ShapesProject;
let engine: Engine;
let client: Clients<EngineServices>;
let home: string;
const events: string[] = [];

beforeAll(async () => {
  project = await makeShapesProject({ train: 12, test: 4, classCount: 2, size: 8 });
  home = mkdtempSync(join(tmpdir(), 'whence-cases-'));
  engine = createEngine({ homePath: home, resourcesPath: home, projectsPath: home });
  const server = createServer(engineServices, engine.handlers, { checkResults: true });
  engine.onEvent((service, event) => events.push(`${service}.${event}`));
  const wire = createLocalTransport();
  server.attach(wire.far);
  client = createClient(engineServices, wire.near);
  await client.projects.open({ path: project.path });
}, 60_000);
afterAll(async () => {
  await engine.dispose();
  project.remove();
  rmSync(home, { recursive: true, force: true });
});

async function addQuery(name: string): Promise<QueryId> {
  const path = join(home, name);
  copyFileSync(join(project.sourcePath, 'train/bar-0/0000.png'), path);
  const { added } = await client.queries.addFiles({ paths: [path] });
  return added[0]!;
}

const openCase = (name = 'Lion'): Promise<CaseId> =>
  client.cases.open({ name, question: 'Where is it from?' });

describe('a case over the contract', () => {
  it('is opened, changed and listed; everyone is told', async () => {
    events.length = 0;
    const caseId = await openCase();
    expect(events).toEqual(['cases.changed']);
    const queryId = await addQuery('asked.png');
    await client.cases.change({ caseId, queryIds: [queryId], codeNames: true });
    await client.cases.note({ caseId, text: 'Came by mail.' });
    await client.cases.answer({
      caseId,
      answer: { question: 'training-set', answer: 'yes', answeredBy: 'Bo, archive', basis: 'letter of May' },
    });
    await client.cases.decide({ caseId, text: 'To be looked at again.' });
    const file = await client.cases.read({ caseId });
    expect(file).toMatchObject({
      ...{ queryIds: [queryId], codeNames: true, controlsMet: null, findings: [], status: 'open' },
      completeness: [{ answer: 'yes', answeredBy: 'Bo, archive' }],
      decision: { text: 'To be looked at again.' },
    });
    expect(file.events.map(({ kind }) => kind)).toEqual(['open', 'change', 'note', 'answer', 'decide']);
    expect((await client.cases.list())[0]).toMatchObject({ id: caseId, queryCount: 1, exhibitCount: 0 });
  });

  it('takes down the training images, and says when they are no longer the same', async () => {
    const caseId = await openCase();
    const taken = await client.cases.takeManifest({ caseId });
    expect(taken).toMatchObject({ imageCount: 12, missingCount: 0, unchanged: true });
    const other = project.folder.connection;
    const first = other.prepare("SELECT id, sha256 FROM samples WHERE split = 'train'").get() as object;
    const write = other.prepare('UPDATE samples SET sha256 = @sha256 WHERE id = @id');
    write.run({ ...first, sha256: 'f'.repeat(64) });
    expect((await client.cases.read({ caseId })).manifest).toEqual({ ...taken, unchanged: false });
    other.prepare('UPDATE samples SET sha256 = (SELECT sha256 FROM samples) WHERE id = -1').run();
  });

  it('reads rights from columns where all members of a group agree, and keeps what a person writes over it', async () => {
    const caseId = await openCase();
    const [first, second] = (await client.groups.defineEach({ by: 'class' })) as [GroupId, GroupId];
    const members = (await client.groups.members({ id: first })).ids;
    const { connection } = project.folder;
    const path = connection.prepare('SELECT path FROM samples WHERE id = ?').pluck();
    const sourceId = connection.prepare('SELECT min(id) FROM sources').pluck().get() as number;
    saveColumnCells(
      connection,
      sourceId,
      Array.from(members, (id, index) => ({
        path: path.get(id) as string,
        cells: new Map([
          ['Rights-Holder', 'Studio A'],
          ['license', index === 0 ? 'CC0' : 'all rights reserved'],
          ['opt_out', 'TRUE'],
        ]),
      })),
    );
    await client.cases.addGroups({ caseId, groupIds: [first, second] });
    const rights = {
      groupId: second,
      rightsHolder: 'Studio B',
      licence: '',
      optOut: 'unknown',
      note: '',
    } as const;
    await client.cases.setRights({ caseId, rights });
    await client.cases.addGroups({ caseId, groupIds: [second] });
    expect((await client.cases.read({ caseId })).groups).toMatchObject([
      { groupId: first, rightsHolder: 'Studio A', licence: '', optOut: 'opted-out', source: 'columns' },
      { groupId: second, rightsHolder: 'Studio B', source: 'person' },
    ]);
    await expect(client.groups.remove({ ids: [first] })).rejects.toMatchObject({ code: 'group-in-case' });
    await client.cases.removeGroups({ caseId, groupIds: [first] });
    await client.groups.remove({ ids: [first] });
  });

  it('keeps what two changes of the rights of a group say that know nothing of each other', async () => {
    const caseId = await openCase();
    const [groupId] = (await client.groups.defineEach({ by: 'class' })) as [GroupId];
    await client.cases.addGroups({ caseId, groupIds: [groupId] });
    await Promise.all([
      client.cases.setRights({ caseId, rights: { groupId, rightsHolder: 'Studio A' } }),
      client.cases.setRights({ caseId, rights: { groupId, optOut: 'opted-out' } }),
    ]);
    expect((await client.cases.read({ caseId })).groups).toMatchObject([
      { rightsHolder: 'Studio A', licence: '', optOut: 'opted-out', note: '' },
    ]);
  });

  it('numbers exhibits, keeps what they showed, and lets nobody remove what they show', async () => {
    const caseId = await openCase();
    const queryId = await addQuery('shown.png');
    const sampleId = (await client.samples.query({ filter: {} })).ids[0]! as never;
    const exhibits = [{ queryId, sampleId, groupId: null, caption: 'The same lion' }];
    expect(await client.cases.addExhibits({ caseId, exhibits })).toEqual({ numbers: [1] });
    await client.cases.judge({ caseId, number: 1, judgement: { verdict: 'same-subject', note: 'mane' } });
    await client.cases.changeExhibit({ caseId, number: 1, redacted: true });
    const [exhibit] = (await client.cases.read({ caseId })).exhibits;
    expect(exhibit).toMatchObject({ number: 1, redacted: true, step: null, judgements: [{ blind: true }] });
    expect(exhibit!.querySha256).toMatch(/^[0-9a-f]{64}$/);
    await expect(client.queries.remove({ ids: [queryId] })).rejects.toMatchObject({ code: 'query-in-case' });
    await client.cases.withdrawExhibit({ caseId, number: 1, reason: 'wrong query' });
    expect(await client.cases.addExhibits({ caseId, exhibits })).toEqual({ numbers: [2] });
    const { bytes, type } = await client.cases.differenceMap({ caseId, queryId, sampleId });
    expect([type, bytes.length > 60]).toEqual(['image/png', true]);
  });

  it('takes only runs of the kind of the check, and nothing once it is closed', async () => {
    const caseId = await openCase();
    await expect(client.cases.linkRun({ caseId, check: 'copies', runId: 999 })).rejects.toMatchObject({
      code: 'run-not-found',
    });
    await client.cases.setStatus({ caseId, status: 'closed' });
    await expect(client.cases.note({ caseId, text: 'late' })).rejects.toMatchObject({ code: 'case-closed' });
    await client.cases.setStatus({ caseId, status: 'open' });
    await client.cases.note({ caseId, text: 'in time' });
  });

  it('lies in the log beside decisions: undo passes it by, and the exported chain carries every step whole', async () => {
    const caseId = await openCase('Logged');
    const ids = Array.from((await client.samples.query({ filter: {} })).ids).slice(0, 1) as never[];
    await client.tags.add({ images: setOfSamples(ids), name: 'seen' });
    await client.cases.note({ caseId, text: 'between' });
    await client.labels.undo();
    await client.cases.note({ caseId, text: 'after' });
    await client.labels.redo();
    const { connection } = project.folder;
    expect(standingEvents(connection)).toHaveLength(1);
    const { entries } = pageHistory(connection, { from: 0, count: 100 });
    const steps = entries.filter(({ text }) => text.startsWith(`Case ${caseId}:`));
    expect(steps.every(({ stands, undone }) => !stands && !undone)).toBe(true);
    expect((await client.cases.read({ caseId })).notes.map(({ text }) => text)).toEqual(['between', 'after']);
    const path = join(home, 'log.jsonl');
    await client.history.writeLog({ path });
    const lines = readFileSync(path, 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { caseStep: object | null });
    expect(lines.flatMap(({ caseStep }) => (caseStep === null ? [] : [caseStep]))).toContainEqual({
      ...{ caseId, action: 'note', text: 'between' },
    });
  });
});
