import { describe, expect, it, vi } from 'vitest';
import { FakeEngine } from '../../../testing/fake-engine.ts';
import {
  makeGenerator,
  makeGroup,
  makeGroupAttribution,
  makeQuery,
} from '../../../testing/fake-generation.ts';
import type { GroupId, ModelId, QueryId, RunId } from '../../contract/vocabulary.ts';
import { Connection } from './connection.svelte.ts';
import { Generation } from './generation.svelte.ts';
import { GroupAttributions } from './group-attributions.svelte.ts';
import { Groups } from './groups.svelte.ts';
import { ImportingDenoiser } from './importing-denoiser.svelte.ts';
import { Models } from './models.svelte.ts';
import { PlannedGenerativeEvaluation } from './planned-generative-evaluation.svelte.ts';
import { Project } from './project.svelte.ts';
import { Queries } from './queries.svelte.ts';
import { QueryInfluence } from './query-influence.svelte.ts';
import { Runs } from './runs.svelte.ts';
import { Settings } from './settings.svelte.ts';
import { Samples } from './samples.svelte.ts';
import { Selection } from './selection.svelte.ts';
import { Sheets } from './sheets.svelte.ts';
import { Toasts } from './toasts.svelte.ts';

vi.stubGlobal('localStorage', { getItem: () => null, setItem: () => undefined, removeItem: () => undefined });

const query = (id: number): QueryId => id as QueryId;
const RUN = 1 as RunId;

/** A window's state about images that models make, on an engine in memory. */
async function openBench(prepare: (engine: FakeEngine) => void = () => undefined) {
  const engine = new FakeEngine();
  prepare(engine);
  const toasts = new Toasts();
  let attach: (() => void) | null = null;
  const connection = new Connection({
    kind: 'served',
    connect: (listener) => (attach = () => listener.onEngine(engine.connect())),
    pathForFile: () => null,
  });
  const project = new Project(connection, toasts);
  const runs = new Runs(connection, project, new Settings(connection, toasts), toasts);
  const selection = new Selection();
  const samples = new Samples(connection, project, selection, toasts);
  const models = new Models(connection, project, runs, toasts);
  const generation = new Generation(project, models, runs, toasts);
  const queries = new Queries(connection, project, runs, toasts);
  const influence = new QueryInfluence({ connection, project, runs, samples, toasts });
  const groups = new Groups({ connection, project, samples, selection, toasts });
  const attributions = new GroupAttributions(connection, project, runs, toasts);
  const importing = new ImportingDenoiser(connection, project, runs, toasts);
  const evaluating = new PlannedGenerativeEvaluation(runs, toasts);
  connection.connect();
  (attach as (() => void) | null)?.();
  await settle();
  return {
    ...{ engine, toasts, connection, runs, selection, models },
    ...{ generation, queries, influence, groups, attributions, importing, evaluating },
  };
}

/** Lets everything that is on its way arrive. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 30; turn++) await new Promise((resolve) => void setTimeout(resolve, 0));
}

describe('Models', () => {
  it('keeps the models of one task apart from those of the other', async () => {
    const { models, generation } = await openBench(({ generation }) => {
      generation.models = [
        makeGenerator(3 as ModelId),
        makeGenerator(2 as ModelId, { trainCount: 0 }),
        makeGenerator(1 as ModelId, { task: 'classify', denoiser: null }),
      ];
    });
    expect(models.of('generate').map(({ id }) => id)).toEqual([3, 2]);
    expect(models.learned('generate').map(({ id }) => id)).toEqual([3]);
    expect(models.learned('classify').map(({ id }) => id)).toEqual([1]);
    expect(generation.maker?.id).toBe(3);
  });
});

describe('Generation', () => {
  it('takes all steps of the schedule for DDPM, and few again for DDIM', async () => {
    const { generation } = await openBench(({ generation }) => {
      generation.models = [makeGenerator(1 as ModelId)];
    });
    generation.chooseSampler('ddpm');
    expect(generation.making.config).toMatchObject({ sampler: 'ddpm', steps: 1000 });
    generation.chooseSampler('ddim');
    expect(generation.making.config).toMatchObject({ sampler: 'ddim', steps: 50 });
  });
});

describe('Sheets', () => {
  it('shows the newest sheet and follows newer ones, but stays at an earlier one that was chosen', async () => {
    const { engine, connection } = await openBench(({ generation }) => (generation.sheets = [10, 20]));
    const sheets = new Sheets(RUN, connection);
    await sheets.refresh(0);
    expect(sheets.pictureStep).toBe(20);
    engine.generation.sheets = [10, 20, 30];
    await sheets.refresh(500);
    expect(sheets.steps).toHaveLength(2);
    await sheets.refresh(5000);
    expect(sheets.pictureStep).toBe(30);
    await sheets.choose(10);
    engine.generation.sheets = [10, 20, 30, 40];
    await sheets.refresh(10_000);
    expect(sheets.pictureStep).toBe(10);
    await sheets.choose(40);
    engine.generation.sheets = [10, 20, 30, 40, 50];
    await sheets.refresh(15_000);
    expect(sheets.pictureStep).toBe(50);
    sheets.dispose();
    expect(sheets.picture).toBeNull();
  });
});

describe('Queries', () => {
  it('looks at the same image when newer ones come', async () => {
    const { engine, queries } = await openBench(({ generation }) => {
      generation.queries = [makeQuery(query(2)), makeQuery(query(1))];
    });
    queries.lookAt(query(1));
    engine.generation.queries = [makeQuery(query(3)), ...engine.generation.queries];
    await queries.refresh();
    expect(queries.current?.id).toBe(1);
    expect(queries.selection.ids).toEqual([1]);
  });

  it('shows the images once they are made', async () => {
    const { engine, generation, queries } = await openBench();
    await generation.making.start();
    engine.generation.queries = [makeQuery(query(1))];
    engine.endRun('finished');
    await settle();
    expect(queries.list).toHaveLength(1);
  });

  it('adds the files that can be read, looks at the first, and names the others with their reason', async () => {
    const { queries, toasts } = await openBench();
    expect(await queries.addFiles(['/a.png', '/b.txt'])).toBe(false);
    expect(queries.current?.name).toBe('/a.png');
    expect(queries.problems).toEqual([{ path: '/b.txt', reason: 'not an image' }]);
    expect(toasts.shown[0]?.text).toBe('1 file could not be added. /b.txt: not an image');
  });

  it('selects nothing after the selected ones were removed', async () => {
    const { engine, queries } = await openBench(({ generation }) => {
      generation.queries = [makeQuery(query(2)), makeQuery(query(1))];
    });
    queries.lookAt(query(1));
    await queries.remove(queries.selection.ids);
    expect(engine.log).toContain('queries.remove 1');
    expect(queries.selection.size).toBe(0);
    expect(queries.current?.id).toBe(2);
  });
});

describe('QueryInfluence', () => {
  it('shows the attribution that has just finished, and another one on demand', async () => {
    const { engine, influence } = await openBench();
    await influence.show(query(1));
    expect(influence.view).toBeNull();
    const first = await influence.plan.start();
    engine.endRun('finished');
    await settle();
    influence.prepare(1 as ModelId, [query(1)]);
    influence.plan.change({ method: 'das' });
    await influence.plan.start();
    engine.endRun('finished');
    await settle();
    expect(influence.view?.choices.method).toBe('das');
    await influence.choose(first!);
    expect(influence.view?.choices.method).toBe('d-trak');
    expect(influence.largestScore).toBe(0.7);
  });
});

describe('ImportingDenoiser', () => {
  it('asks for all files that are needed, and says why one cannot be used', async () => {
    const { importing } = await openBench();
    importing.setPath('model', ' /models/unet.txt ');
    expect(importing.isComplete).toBe(false);
    importing.setPath('schedule', '/models/scheduler_config.json');
    expect(importing.isComplete).toBe(true);
    importing.told = 'texts';
    expect(importing.isComplete).toBe(false);
    importing.told = 'found';
    expect(await importing.import()).toBe(false);
    expect(importing.failure).toContain('/models/unet.txt.');
    importing.setPath('model', '/models/unet.onnx');
    expect(importing.failure).toBeNull();
  });

  it('starts a run with what was said, and with embeddings only where texts are told', async () => {
    const { engine, importing, runs } = await openBench();
    importing.setPath('model', 'unet.onnx');
    importing.setPath('schedule', 'schedule.json');
    importing.setPath('embeddings', 'texts.npy');
    importing.namesText = 'coat\nshirt';
    importing.change({ head: 'v', absentClass: 2 });
    expect(await importing.import()).toBe(true);
    expect(engine.log).toContain('models.importDenoiser unet.onnx, embeddings null');
    expect(runs.active[0]).toMatchObject({
      kind: 'evaluate-denoiser',
      config: { choices: { head: 'v', absentClass: 2, classNames: ['coat', 'shirt'] } },
    });
    importing.told = 'texts';
    await importing.import();
    expect(engine.log).toContain('models.importDenoiser unet.onnx, embeddings texts.npy');
    importing.reset();
    expect([importing.paths.model, importing.choices.head, importing.namesText]).toEqual(['', null, '']);
  });
});

describe('PlannedGenerativeEvaluation', () => {
  it('keeps the model and the images when the kind changes, and starts what is chosen', async () => {
    const { engine, evaluating } = await openBench();
    evaluating.prepare('lds', 7 as ModelId);
    evaluating.share({ queries: [query(3)] });
    evaluating.choose('counterfactual');
    expect(evaluating.counterfactual.config).toMatchObject({ modelId: 7, queries: [3] });
    evaluating.counterfactual.change({ methods: ['das'] });
    expect(await evaluating.start()).not.toBeNull();
    expect(engine.log).toContain('runs.start evaluate-counterfactual');
    evaluating.prepare('groups', null);
    expect(evaluating.shared).toMatchObject({ modelId: null, queries: [] });
    evaluating.groups.change({ methods: [] });
    expect(evaluating.groups.problem).toContain('methods');
  });
});

describe('Groups', () => {
  it('defines one for each class, and says where they were there already', async () => {
    const { groups, toasts } = await openBench();
    groups.prepare('class');
    expect(await groups.define()).toBe(true);
    expect(groups.list.map(({ name }) => name)).toEqual(['coat', 'shirt']);
    await groups.define();
    expect(toasts.shown.map(({ text }) => text)).toEqual([
      'Defined 2 groups',
      'These groups are there already',
    ]);
  });

  it('says before which groups there would be, and of which depth of folders', async () => {
    const { groups } = await openBench();
    groups.prepare('class');
    await groups.lookAhead();
    expect(groups.preview).toMatchObject({
      folderDepth: null,
      groups: [{ name: 'coat' }, { name: 'shirt' }],
    });
    groups.source = 'folder';
    await groups.lookAhead();
    expect(groups.preview?.folderDepth).toBe(2);
    groups.folderDepth = 3;
    await groups.lookAhead();
    expect(groups.preview?.folderDepth).toBe(3);
    // What is no depth is not asked about, and defines nothing.
    groups.folderDepth = 0;
    expect(groups.canDefine).toBe(false);
    groups.source = 'filter';
    await groups.lookAhead();
    expect(groups.preview).toBeNull();
  });

  it('makes a group of the selection only with a name and something selected', async () => {
    const { engine, groups, selection } = await openBench();
    groups.prepare('selection');
    groups.name = 'dark coats';
    expect(groups.canDefine).toBe(false);
    selection.selectAll([4, 5]);
    expect(groups.canDefine).toBe(true);
    await groups.define();
    expect(engine.log).toContain('groups.define dark coats by selection');
  });

  it('names the groups that share images, from either side', async () => {
    const { groups } = await openBench(({ generation }) => {
      generation.groups = [makeGroup(1 as GroupId), makeGroup(2 as GroupId)];
      generation.overlaps = [{ first: 1 as GroupId, second: 2 as GroupId, shared: 4 }];
    });
    expect(groups.sharedWith(2 as GroupId)).toMatchObject([{ group: { id: 1 }, shared: 4 }]);
  });

  it('selects the images of a group', async () => {
    const { groups, selection } = await openBench();
    expect(await groups.select(1 as GroupId)).toBe(true);
    expect(selection.ids).toEqual([1, 2, 3]);
  });
});

describe('GroupAttributions', () => {
  it('shows the newest, keeps the query image across attributions that cover it, else the first of them', async () => {
    const { attributions } = await openBench(({ generation }) => {
      generation.attributions = [
        makeGroupAttribution(2 as RunId, [query(5), query(6)]),
        makeGroupAttribution(1 as RunId, [query(6), query(7)]),
      ];
    });
    expect(attributions.shown?.runId).toBe(2);
    expect(attributions.queryId).toBe(5);
    attributions.chooseQuery(query(6));
    await attributions.choose(1 as RunId);
    expect(attributions.queryId).toBe(6);
    expect(attributions.covers(query(5))).toBe(false);
    attributions.chooseQuery(query(5));
    expect(attributions.queryId).toBe(6);
  });

  it('shows the one that has just finished', async () => {
    const { engine, attributions } = await openBench(({ generation }) => {
      generation.attributions = [makeGroupAttribution(9 as RunId, [query(5)])];
    });
    expect(attributions.shown?.runId).toBe(9);
    const runId = await attributions.plan.start();
    engine.generation.attributions = [
      ...engine.generation.attributions,
      makeGroupAttribution(runId!, [query(5)]),
    ];
    engine.endRun('finished');
    await settle();
    expect(attributions.shown?.runId).toBe(runId);
  });

  it('measures the removal of one group by training again, several times', async () => {
    const { attributions } = await openBench();
    attributions.prepareRemoval(4 as GroupId, [query(5)]);
    expect(attributions.removal.config).toMatchObject({
      method: 'logo',
      groups: [4],
      queries: [5],
      repeats: 3,
    });
    expect(attributions.removal.problem).toBeNull();
    expect(attributions.plan.config.method).toBe('guda');
  });
});
