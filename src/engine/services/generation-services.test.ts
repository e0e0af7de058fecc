import { copyFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeGenerativeProject, type GenerativeProject } from '../../../testing/generative-project.ts';
import { createClient, type Clients } from '../../contract/client.ts';
import { createLocalTransport } from '../../contract/local-transport.ts';
import { RunRequest, type RunPlan } from '../../contract/runs-service.ts';
import { setOfSamples } from '../../contract/sample-set.ts';
import { createServer } from '../../contract/server.ts';
import { engineServices, type EngineServices } from '../../contract/services.ts';
import type { GroupId, QueryId } from '../../contract/vocabulary.ts';
import { createEngine, type Engine } from '../create-engine.ts';
import { defineEach } from '../grouping/define-groups.ts';
import { listPresentSamples } from '../storage/labelled-samples.ts';
import { estimateRun, measureWork } from './estimate-run.ts';

let project: GenerativeProject;
let engine: Engine;
let client: Clients<EngineServices>;
const events: string[] = [];
beforeAll(async () => {
  project = await makeGenerativeProject({ train: 12, test: 4, classCount: 2, queries: 2 });
  const home = join(project.path, '..', 'home');
  engine = createEngine({ homePath: home, resourcesPath: home, projectsPath: home });
  // Every answer is checked against the contract.
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
});

describe('query images over the contract', () => {
  it('are listed and shown, added with what could not be read, and removed; everyone is told', async () => {
    expect((await client.queries.list()).map(({ id }) => id)).toEqual(project.queryIds.toReversed());
    const [file, broken] = ['asked.png', 'broken.png'].map((name) => join(project.path, '..', name));
    copyFileSync(join(project.sourcePath, 'train/bar-0/0000.png'), file!);
    writeFileSync(broken!, 'no image');
    events.length = 0;
    const { added, problems } = await client.queries.addFiles({ paths: [file!, broken!] });
    expect(problems.map(({ path }) => path)).toEqual([broken]);
    expect(events).toContain('queries.changed');
    const { type, bytes } = await client.queries.image({ id: added[0]! });
    expect(type).toBe('image/png');
    expect(bytes.length).toBeGreaterThan(60);
    expect(await client.queries.influence({ id: added[0]!, runId: null })).toBeNull();
    await client.queries.remove({ ids: added });
    await expect(client.queries.image({ id: added[0]! })).rejects.toMatchObject({ code: 'query-not-found' });
  });

  it('show the training images behind them, by which run and which others there are', async () => {
    const config = { method: 'pixel-cos', topCount: 2 };
    const older = await project.runHere({ kind: 'attribute-queries', config });
    const newer = await project.runHere({
      kind: 'attribute-queries',
      config: { ...config, method: 'pixel-dot' },
    });
    const [id] = project.queryIds as [QueryId];
    const newest = (await client.queries.influence({ id, runId: null }))!;
    expect(newest).toMatchObject({ queryId: id, runId: newer.id, choices: { method: 'pixel-dot' } });
    expect(newest.attributions.map(({ runId }) => runId)).toEqual([newer.id, older.id]);
    expect((await client.queries.influence({ id, runId: older.id }))!.choices.method).toBe('pixel-cos');
  });

  it('of a training are on sheets', async () => {
    const [model] = await client.models.list();
    const steps = await client.queries.sheets({ runId: model!.runId });
    expect(steps).toEqual([12]);
    expect(model!.denoiser).toMatchObject({ steps: 12, sheets: [12] });
    const sheet = await client.queries.sheet({ runId: model!.runId, step: 12 });
    expect(sheet.type).toBe('image/png');
    await expect(client.queries.sheet({ runId: model!.runId, step: 11 })).rejects.toMatchObject({
      code: 'artifact-damaged',
    });
  });
});

describe('groups over the contract', () => {
  it('are defined, renamed, listed with their overlaps, and removed; everyone is told', async () => {
    events.length = 0;
    const [first, second] = (await client.groups.defineEach({ by: 'class' })) as [GroupId, GroupId];
    const { ids } = await client.groups.members({ id: first });
    const rule = { kind: 'selection' as const, images: setOfSamples(ids.subarray(0, 2)) };
    const few = await client.groups.define({ name: 'few', rule });
    const all = await client.groups.define({ name: 'all', rule: { kind: 'filter', filter: {} } });
    expect(await client.groups.overlaps()).toEqual([
      { first, second: few, shared: 2 },
      { first, second: all, shared: ids.length },
      { first: second, second: all, shared: 6 },
      { first: few, second: all, shared: 2 },
    ]);
    await client.groups.rename({ id: few, name: 'a few' });
    await client.groups.remove({ ids: [all] });
    const listed = await client.groups.list();
    expect(listed.map(({ name, memberCount }) => [name, memberCount])).toEqual([
      ...[
        ['bar-0', 6],
        ['bar-1', 6],
        ['a few', 2],
      ],
    ]);
    expect(events.filter((name) => name === 'groups.changed')).toHaveLength(5);
    await expect(client.groups.define({ name: '', rule })).rejects.toMatchObject({ code: 'call-invalid' });
    await client.groups.remove({ ids: listed.map(({ id }) => id) });
  });

  it('that were attributed are answered by their run', async () => {
    defineEach(project.folder.connection, { by: 'class', folderDepth: null });
    const { id: runId } = await project.runHere({
      kind: 'attribute-groups',
      config: { method: 'pixel-mean' },
    });
    const found = await client.groups.attribution({ runId });
    expect(found.queries).toHaveLength(2);
    expect(await client.groups.attributions()).toMatchObject([{ runId, groupCount: 2, queryCount: 2 }]);
  });
});

describe('an estimate of', () => {
  const plan = (kind: string, config: object = {}): RunPlan => RunRequest.parse({ kind, config });
  const workOf = (kind: string, config: object = {}): number =>
    measureWork(project.folder.connection, plan(kind, config))!.amount;
  const estimate = (kind: string, config: object = {}) =>
    estimateRun(project.folder.connection, plan(kind, config), () => 1000);

  it('a training grows with its steps and its batch, and wants more memory for larger networks', async () => {
    const once = workOf('train-denoiser', { steps: 100, batchSize: 8 });
    expect(workOf('train-denoiser', { steps: 200, batchSize: 8 })).toBe(2 * once);
    expect(workOf('train-denoiser', { steps: 100, batchSize: 16 })).toBe(2 * once);
    const [tiny, base] = [
      await estimate('train-denoiser'),
      await estimate('train-denoiser', { architecture: 'ddpm-base' }),
    ];
    expect(base.memoryBytes).toBeGreaterThan(tiny.memoryBytes);
    expect(base.diskBytes).toBeGreaterThan(tiny.diskBytes);
  });

  it('making images grows with their number and the steps of each', () => {
    const once = workOf('sample-images', { count: 10, steps: 5 });
    expect(workOf('sample-images', { count: 20, steps: 10 })).toBe(4 * once);
  });

  it('an attribution grows with its steps of time and its members, and needs no trainings of the model alone', async () => {
    const once = workOf('attribute-queries', { timestepCount: 5 });
    expect(workOf('attribute-queries', { timestepCount: 10 })).toBe(2 * once);
    const masks = { timestepCount: 5, ensemble: 'dropout', variants: 3 };
    expect(workOf('attribute-queries', masks)).toBe(3 * once);
    expect(workOf('attribute-queries', { timestepCount: 5, queries: [1] })).toBeCloseTo((once * 13) / 14);
    expect((await estimate('attribute-queries')).seconds).not.toBeNull();
  });

  it('an attribution to groups counts every model that is altered', () => {
    // Two groups of one size.
    const once = workOf('attribute-groups', { controls: 0, steps: 10 });
    expect(workOf('attribute-groups', { controls: 4, steps: 10 })).toBe(3 * once);
    expect(workOf('attribute-groups', { controls: 0, repeats: 2, steps: 10 })).toBe(2 * once);
    expect(workOf('attribute-groups', { controls: 0, groups: [1], steps: 10 })).toBe(once / 2);
    expect(listPresentSamples(project.folder.connection)).toHaveLength(16);
  });
});

describe('before there is a generative model', () => {
  it('nothing can be made, and an estimate says nothing of the time', async () => {
    const config = { modelId: 99 };
    const plan = RunRequest.parse({ kind: 'sample-images', config });
    expect(measureWork(project.folder.connection, plan)).toBeNull();
    expect((await estimateRun(project.folder.connection, plan, () => 1000)).seconds).toBeNull();
    await expect(project.runHere({ kind: 'sample-images', config })).rejects.toMatchObject({
      code: 'model-not-found',
    });
  });
});
