import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeProjectFixture, type ProjectFixture } from '../../testing/project-fixture.ts';
import { createClient, type Clients } from '../contract/client.ts';
import { createLocalTransport } from '../contract/local-transport.ts';
import type { Run, RunRequest } from '../contract/runs-service.ts';
import { setOfSamples } from '../contract/sample-set.ts';
import { createServer } from '../contract/server.ts';
import { engineServices, type EngineServices } from '../contract/services.ts';
import type { SampleId } from '../contract/vocabulary.ts';
import { createEngine, type Engine } from './create-engine.ts';
import { encodeGreyPng } from './formats/grey-png.ts';

interface Session {
  readonly engine: Engine;
  readonly client: Clients<EngineServices>;
  readonly events: { name: string; payload: unknown }[];
}

let home: string;
const sessions: Session[] = [];
const fixtures: ProjectFixture[] = [];

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'whence-engine-'));
});
afterEach(async () => {
  await Promise.all(sessions.splice(0).map(({ engine }) => engine.dispose()));
  for (const fixture of fixtures.splice(0)) fixture.remove();
  rmSync(home, { recursive: true, force: true });
});

/** An engine and a client in this process, with every answer checked against the contract. */
function start(): Session {
  const engine = createEngine({
    homePath: join(home, 'machine'),
    resourcesPath: join(home, 'resources'),
    projectsPath: join(home, 'projects'),
  });
  const bugs: unknown[] = [];
  const server = createServer(engineServices, engine.handlers, {
    checkResults: true,
    onBug: (error) => bugs.push(error),
  });
  const events: Session['events'] = [];
  engine.onEvent((service, event, payload) => {
    const declared = engineServices[service as keyof EngineServices].events as Record<
      string,
      { parse(value: unknown): unknown }
    >;
    events.push({ name: `${service}.${event}`, payload: declared[event]!.parse(payload) });
    server.emit(service, event, payload);
  });
  const wire = createLocalTransport();
  server.attach(wire.far);
  const session = { engine, client: createClient(engineServices, wire.near), events };
  sessions.push(session);
  return session;
}

/** A closed project with 30 samples, to be opened. */
function makeProject(): { path: string; sampleIds: readonly SampleId[]; fixture: ProjectFixture } {
  const fixture = makeProjectFixture({ sampleCount: 30 });
  fixtures.push(fixture);
  return { path: fixture.folder.path, sampleIds: fixture.sampleIds, fixture };
}

/** Class folders of small grey pictures, and one file that is no image. */
function makeSource(): string {
  const source = join(home, 'photos');
  for (const [index, name] of ['coat', 'shirt'].entries()) {
    mkdirSync(join(source, name), { recursive: true });
    for (let number = 0; number < 4; number++) {
      const pixels = Uint8Array.from(
        { length: 64 },
        (_, place) => (place * 7 + number * 31 + index * 99) % 256,
      );
      writeFileSync(join(source, name, `${number}.png`), encodeGreyPng(pixels, 8, 8));
    }
  }
  writeFileSync(join(source, 'coat', 'broken.png'), '');
  return source;
}

async function finish(session: Session, runId: number): Promise<Run> {
  for (;;) {
    const run = await session.client.runs.get({ runId });
    if (run.finishedAt !== null) return run;
    await new Promise((settle) => setTimeout(settle, 20));
  }
}

const page = { from: 0, count: 10 };
/** Events are awaited, never timed. */
const patience = { timeout: 30_000 };

describe('without a project', () => {
  it('everything about a project says that none is open', async () => {
    const { client } = start();
    const calls = [
      () => client.samples.query({ filter: {} }),
      () => client.samples.facets({ filter: {} }),
      () => client.samples.thumbnail({ id: 1, size: 96 }),
      () => client.labels.undo(),
      () => client.labels.history(page),
      () => client.runs.list(),
      () => client.models.list(),
      () => client.issues.summary(),
      () => client.influence.of({ sampleId: 1 }),
      () => client.exports.labels({ path: join(home, 'a.csv'), format: 'csv' }),
      () => client.imports.problems(page),
    ];
    for (const call of calls) await expect(call()).rejects.toMatchObject({ code: 'project-none-open' });
    expect(await client.projects.current()).toBeNull();
  });

  it('the machine says what it can do', async () => {
    const machine = await start().client.engine.checkMachine();
    expect(machine.sqlite).toMatch(/^3\./);
    expect(machine.onnxRuntime).toMatch(/^1\./);
    expect(machine.providers[0]).toMatchObject({ name: 'cpu', available: true });
  });
});

describe('projects', () => {
  it('are made with their suffix, found again in the list of every engine, and forgotten on request', async () => {
    const { client } = start();
    const path = join(home, 'deep', 'er', 'shirts');
    const made = await client.projects.create({ path });
    expect(made).toMatchObject({ path: `${path}.whence`, name: 'shirts', sampleCount: 0 });
    expect(await start().client.projects.recent()).toMatchObject([{ path: made.path, exists: true }]);
    await client.projects.close();
    rmSync(made.path, { recursive: true });
    expect(await client.projects.recent()).toMatchObject([{ path: made.path, exists: false }]);
    expect(await client.projects.forget({ path: made.path })).toEqual([]);
  });

  it('get a suggested place of their own', async () => {
    const { client } = start();
    const first = await client.projects.suggestPath({ sourcePath: '/photos/my shirts' });
    expect(first.path).toBe(join(home, 'projects', 'my shirts.whence'));
    await client.projects.create(first);
    const second = await client.projects.suggestPath({ sourcePath: '/photos/my shirts/' });
    expect(second.path).toBe(join(home, 'projects', 'my shirts 2.whence'));
    const idx = await client.projects.suggestPath({ sourcePath: '/data/train-images-idx3-ubyte.gz' });
    expect(idx.path).toBe(join(home, 'projects', 'train-images-idx3-ubyte.whence'));
  });

  it('that cannot be opened leave the open one open', async () => {
    const { client } = start();
    const { path } = makeProject();
    await client.projects.open({ path });
    await expect(client.projects.open({ path: join(home, 'nothing') })).rejects.toMatchObject({
      code: 'project-not-found',
    });
    await expect(client.projects.create({ path })).rejects.toMatchObject({ code: 'project-exists' });
    expect((await client.projects.current())?.path).toBe(path);
  });

  it('opened at the same time end with exactly one open', async () => {
    const session = start();
    const [first, second] = [makeProject(), makeProject()];
    await Promise.all([first, second, first].map(({ path }) => session.client.projects.open({ path })));
    expect((await session.client.projects.current())?.path).toBe(first.path);
    expect(session.events.filter(({ name }) => name === 'projects.changed')).toHaveLength(3);
  });

  it('remember who reviews, on this machine', async () => {
    await start().client.settings.change({ reviewer: 'Ada Lovelace' });
    expect((await start().client.settings.read()).settings.reviewer).toBe('Ada Lovelace');
  });
});

describe('decisions', () => {
  it('reach labels, summary, history and every listener, and survive another start', async () => {
    const { path, sampleIds } = makeProject();
    const session = start();
    const { client, events } = session;
    const { classes } = await client.projects.open({ path });
    await client.settings.change({ reviewer: 'Ada' });
    const [first] = await client.samples.tiles({ ids: [sampleIds[0]!] });
    const other = classes.find((entry) => entry.id !== first!.label)!;
    events.length = 0;
    const state = await client.labels.decide({
      images: setOfSamples([first!.id]),
      action: 'other',
      label: other.id,
    });
    expect(state.undoText).toBe(`Changed image ${first!.id} to ${other.name}`);
    await expect
      .poll(() => events.map(({ name }) => name), patience)
      .toEqual([
        ...['samples.changed', 'labels.undoStateChanged', 'projects.changed'],
        ...['issues.changed', 'imageIssues.changed'],
      ]);
    expect(await client.projects.current()).toMatchObject({ decidedCount: 1, changedLabelCount: 1 });
    await session.engine.dispose();

    const again = start().client;
    await again.projects.open({ path });
    expect(await again.labels.undoState()).toEqual(state);
    expect(await again.samples.query({ filter: { labels: [other.id], decisions: ['other'] } })).toMatchObject(
      {
        ids: Int32Array.of(first!.id),
      },
    );
    expect(await again.samples.facets({ filter: { decisions: ['other'] } })).toMatchObject({ total: 1 });
    expect(await again.labels.undo()).toMatchObject({ undoText: null, images: setOfSamples([first!.id]) });
    expect(await again.samples.tiles({ ids: [first!.id] })).toEqual([first]);
    const { entries } = await again.labels.history(page);
    expect(entries.map((entry) => entry.reviewer)).toEqual(['Ada', 'Ada']);
    const detail = await again.samples.get({ id: first!.id });
    expect(detail.history).toHaveLength(2);
  });

  it('may name a class that was added by hand', async () => {
    const { client } = start();
    const { path, sampleIds } = makeProject();
    await client.projects.open({ path });
    const parka = await client.labels.addClass({ name: 'parka' });
    expect(parka).toMatchObject({ name: 'parka', sampleCount: 0 });
    await client.labels.decide({ images: setOfSamples([sampleIds[0]!]), action: 'other', label: parka.id });
    expect((await client.labels.addClass({ name: 'parka' })).sampleCount).toBe(1);
  });

  it('made in another engine on the same project are seen at once', async () => {
    const { path, sampleIds } = makeProject();
    const [one, two] = [start().client, start().client];
    await one.projects.open({ path });
    await two.projects.open({ path });
    await one.labels.decide({ images: setOfSamples([sampleIds[0]!]), action: 'skip' });
    await two.labels.decide({ images: setOfSamples([sampleIds[1]!]), action: 'skip' });
    expect((await one.labels.undo()).images).toEqual(setOfSamples([sampleIds[1]!]));
    expect((await two.labels.undo()).images).toEqual(setOfSamples([sampleIds[0]!]));
  });
});

describe('a folder of images', () => {
  it('is recognised, imported, shown, decided about and exported', async () => {
    const session = start();
    const { client } = session;
    const sourcePath = makeSource();
    expect(await client.imports.inspect({ sourcePath })).toMatchObject({ kind: 'class-folders' });
    await client.projects.create(await client.projects.suggestPath({ sourcePath }));
    const estimate = await client.runs.estimate({ kind: 'import', config: { sourcePath } });
    expect(estimate.diskBytes).toBeGreaterThan(0);
    const run = await finish(session, await client.runs.start({ kind: 'import', config: { sourcePath } }));
    expect(run).toMatchObject({ status: 'finished', error: null });
    await expect
      .poll(() => session.events.findLast(({ name }) => name === 'projects.changed')?.payload, patience)
      .toMatchObject({ sampleCount: 8, problemCount: 1 });
    expect(await client.imports.problems(page)).toMatchObject({ total: 1, problems: [{ reason: 'empty' }] });

    const { ids } = await client.samples.query({ filter: { text: 'coat' }, order: { by: 'path' } });
    expect(ids).toHaveLength(4);
    const detail = await client.samples.get({ id: ids[0]! });
    expect(existsSync(detail.absolutePath)).toBe(true);
    const thumbnail = await client.samples.thumbnail({ id: ids[0]!, size: 96 });
    expect(thumbnail.type).toMatch(/^image\//);
    const original = await client.samples.image({ id: ids[0]! });
    expect(original.bytes).toEqual(Uint8Array.from(readFileSync(detail.absolutePath)));

    const shirt = (await client.projects.current())!.classes.find((entry) => entry.name === 'shirt')!;
    await client.labels.decide({ images: setOfSamples([ids[0]!]), action: 'other', label: shirt.id });
    const exported = await client.exports.labels({
      path: join(home, 'labels.csv'),
      format: 'csv',
      onlyChanged: true,
    });
    expect(exported.rows).toBe(1);
    expect(readFileSync(exported.path, 'utf8')).toContain('coat/0.png');
    expect(await client.projects.recent()).toMatchObject([{ sampleCount: 8 }]);
  });
});

describe('the main job', () => {
  it('goes from images to issues with the images behind them, and then knows how long training takes', async () => {
    const session = start();
    const { client } = session;
    await client.projects.create({ path: join(home, 'a') });
    const perform = async (request: RunRequest): Promise<void> => {
      const run = await finish(session, await client.runs.start(request));
      expect(run).toMatchObject({ kind: request.kind, status: 'finished', error: null });
    };
    await perform({ kind: 'import', config: { sourcePath: makeSource() } });
    const training: RunRequest = {
      kind: 'train',
      config: { architecture: 'linear', epochs: 2, folds: 2, batchSize: 4, validationShare: 0 },
    };
    expect((await client.runs.estimate(training)).seconds).toBeNull();
    await perform(training);
    await perform({ kind: 'attribute', config: { projectionSize: 16, topCount: 3 } });
    await perform({ kind: 'issues', config: { maximumShare: 1 } });
    expect((await client.runs.estimate(training)).seconds).toBeGreaterThan(0);

    expect(await client.models.list()).toMatchObject([{ architecture: 'linear', trainCount: 8 }]);
    const { issues } = await client.issues.page({ count: 10 });
    expect(await client.issues.summary()).toMatchObject({ total: issues.length, decided: 0, stale: false });
    const { ids } = await client.samples.query({
      filter: { onlyIssues: true },
      order: { by: 'label_score', descending: true },
    });
    expect([...ids]).toEqual(issues.map((issue) => issue.sampleId));
    const first = issues[0]!;
    const evidence = await client.issues.evidence({ sampleId: first.sampleId });
    expect(evidence).toMatchObject({
      method: 'trak',
      towardsGiven: { label: first.givenLabel },
      towardsSuggested: { label: first.suggestedLabel },
    });
    const influence = await client.influence.of({ sampleId: first.sampleId });
    expect(influence?.proponents.length).toBeGreaterThan(0);
    expect((await client.samples.get({ id: first.sampleId })).prediction?.outOfSample).toBe(true);

    await client.labels.decide({ images: setOfSamples([first.sampleId]), action: 'accept' });
    expect(await client.issues.summary()).toMatchObject({ decided: 1, stale: true });
    expect(await client.issues.page({ count: 1 })).toMatchObject({ issues: [{ state: 'accept' }] });
    const [tile] = await client.samples.tiles({ ids: [first.sampleId] });
    expect(tile!.label).toBe(first.suggestedLabel);
  });
});

describe('runs', () => {
  it('that are under way when the project closes are interrupted, and resumed when it is open again', async () => {
    const sourcePath = makeSource();
    const first = start();
    const { path } = await first.client.projects.create({ path: join(home, 'a') });
    await first.client.runs.start({ kind: 'import', config: { sourcePath } });
    // Whether the first one ends in time is up to the machine; the second cannot have begun.
    const runId = await first.client.runs.start({ kind: 'import', config: { sourcePath } });
    await first.client.projects.open({ path: makeProject().path });
    await first.client.projects.open({ path });
    const run = await first.client.runs.get({ runId });
    expect(run.status).toBe('interrupted');
    await first.client.runs.resume({ runId });
    expect(await finish(first, runId)).toMatchObject({ status: 'finished' });
    expect((await first.client.projects.current())?.sampleCount).toBe(8);
  });

  it('that do not exist are named', async () => {
    const { client } = start();
    await client.projects.open({ path: makeProject().path });
    await expect(client.runs.get({ runId: 99 })).rejects.toMatchObject({ code: 'run-not-found' });
    await expect(client.runs.start({ kind: 'attribute', config: { topCount: 0 } })).rejects.toMatchObject({
      code: 'call-invalid',
    });
    expect(await client.runs.list()).toEqual([]);
  });
});
