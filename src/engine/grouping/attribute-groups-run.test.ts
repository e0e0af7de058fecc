import { mkdirSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  makeGenerativeProject,
  tinyTraining,
  type GenerativeProject,
  type RunChanges,
} from '../../../testing/generative-project.ts';
import { watchRuns } from '../../../testing/watched-executor.ts';
import type { GroupAttribution } from '../../contract/groups-service.ts';
import type { GroupId, QueryId, SampleId } from '../../contract/vocabulary.ts';
import { CancelledError } from '../../core/base/app-error.ts';
import type { Executor } from '../../core/execution/executor.ts';
import { readVectorFile } from '../artifacts/vector-file.ts';
import { loadDenoiser } from '../generating/loaded-denoiser.ts';
import { trainDenoiser } from '../generating/train-denoiser.ts';
import { modelStream, retrainingOf } from '../generating/retraining.ts';
import { insertGroup, listGroupMembers, readGroupAttribution, removeGroups } from '../storage/groups.ts';
import { listPresentSamples } from '../storage/labelled-samples.ts';
import { listQueries } from '../storage/queries.ts';
import { listRuns } from '../storage/runs.ts';
import { defineEach } from './define-groups.ts';

let project: GenerativeProject;
let withoutGroups: unknown;
let withoutQueries: unknown;
let groups: GroupId[];
let queries: QueryId[];
beforeAll(async () => {
  project = await makeGenerativeProject({ train: 16, test: 4, classCount: 2, queries: 0 });
  withoutQueries = await attribute().catch((error: unknown) => error);
  await project.runHere({ kind: 'sample-images', config: { count: 2, steps: 5 } });
  queries = listQueries(project.folder.connection)
    .map(({ id }) => id)
    .reverse();
  withoutGroups = await attribute().catch((error: unknown) => error);
  groups = defineEach(project.folder.connection, { by: 'class', folderDepth: null });
});
afterAll(() => project.remove());

const small = { method: 'guda', steps: 2, batchSize: 4, controls: 3, timestepCount: 4, neighbours: 3 };

async function attribute(config: object = {}, changes: RunChanges = {}): Promise<GroupAttribution> {
  const request = { kind: 'attribute-groups', config: { ...small, ...config } };
  const { id } = await project.runHere(request, changes);
  return readGroupAttribution(project.folder.connection, id);
}

/** Counts optimiser steps. */
function counting(): { executor: Executor; steps: () => number } {
  let steps = 0;
  const executor = watchRuns(project.tools.executor, (feeds) => {
    if (feeds['optimizerState'] !== undefined) steps++;
  });
  return { executor, steps: () => steps };
}

/** [query][group] */
const rawOf = ({ queries: found }: GroupAttribution): number[][] =>
  found.map(({ scores }) => scores.map(({ raw }) => raw));

function insert(name: string, members: readonly SampleId[]): GroupId {
  return insertGroup(project.folder.connection, { name, kind: 'selection', definition: name, members });
}

describe('an attribution to groups', () => {
  it('scores each query and group beside random groups, and says which controls are met', async () => {
    const found = await attribute();
    expect(found.groups).toMatchObject([
      { groupId: groups[0], name: 'bar-0', size: 8 },
      { groupId: groups[1], name: 'bar-1', size: 8 },
    ]);
    expect(found.queries.map(({ queryId }) => queryId)).toEqual(queries);
    for (const { scores, unattributed, verdict } of found.queries) {
      expect(['attributed', 'diffuse']).toContain(verdict);
      const shares = scores.reduce((sum, { share }) => sum + share!, 0);
      expect(shares + unattributed!).toBeCloseTo(1, 12);
      for (const { raw, perImage, deviation, standsOut, share } of scores) {
        expect(perImage).toBeCloseTo(raw / 8, 12);
        expect(deviation).toBeNull();
        if (!standsOut) expect(share).toBe(0);
      }
      expect(verdict === 'attributed').toBe(scores.some(({ standsOut }) => standsOut));
    }
    expect(found.controls.map(({ name }) => name)).toEqual([
      ...['random-groups', 'unrelated-query', 'held-out-image', 'under-unlearning', 'over-unlearning'],
    ]);
    expect(found.cost!.trainSeconds).toBeGreaterThanOrEqual(0);
  });

  it('of equal seeds is the same, and of another seed another', async () => {
    const first = rawOf(await attribute({ seed: 4 }));
    expect(first.flat().every(Number.isFinite)).toBe(true);
    expect(rawOf(await attribute({ seed: 5 }))).not.toEqual(first);
    const { executor, steps } = counting();
    expect(rawOf(await attribute({ seed: 4 }, { executor }))).toEqual(first);
    // What was measured is kept: nothing is unlearned a second time.
    expect(steps()).toBe(0);
  });

  it('with fewer random groups than say anything decides nothing, and with none judges nothing', async () => {
    const few = await attribute({ controls: 2 });
    expect(few.queries.map(({ verdict }) => verdict)).toEqual(['undecided', 'undecided']);
    expect(few.controls[0]).toMatchObject({ name: 'random-groups', met: false });
    const none = await attribute({ controls: 0 });
    for (const { verdict, unattributed, scores } of none.queries) {
      expect([verdict, unattributed]).toEqual([null, null]);
      for (const { share, pValue, band } of scores) expect([share, pValue, band]).toEqual([null, null, null]);
    }
    expect(rawOf(none)).toEqual(rawOf(few));
  });

  it('that was interrupted goes on without unlearning again what was measured', async () => {
    const abort = new AbortController();
    const config = { seed: 9, steps: 3 };
    const onProgress = (stage: string): void => {
      if (stage.startsWith('Forgetting bar-1')) abort.abort();
    };
    const first = counting();
    await expect(
      attribute(config, { signal: abort.signal, onProgress, executor: first.executor }),
    ).rejects.toThrow(CancelledError);
    const second = counting();
    const { id: runId } = listRuns(project.folder.connection)[0]!;
    const resumed = await attribute(config, { runId, executor: second.executor });
    // Two groups and three random groups; the first group was done.
    expect([first.steps(), second.steps()]).toEqual([3, 4 * 3]);
    expect(resumed.queries).toHaveLength(2);
  });

  it('by ascent and towards zero differs from what is published', async () => {
    const published = rawOf(await attribute({ controls: 0 }));
    for (const config of [{ method: 'ascent' }, { target: 'zero-as-released' }, { retainLoss: 'standard' }])
      expect(rawOf(await attribute({ controls: 0, ...config }))).not.toEqual(published);
  });

  it('of unlearning that changes nothing finds nothing', async () => {
    const loud = rawOf(await attribute({ controls: 0, learningRate: 1e-3 }));
    const quiet = rawOf(await attribute({ controls: 0, forgetWeight: 0, learningRate: 1e-10 }));
    const size = (scores: number[][]): number => Math.max(...scores.flat().map(Math.abs));
    expect(size(quiet)).toBeLessThan(1e-3 * size(loud));
  });

  it('tells how many images two of its groups share', async () => {
    const members = listGroupMembers(project.folder.connection, groups[0]!).slice(0, 3);
    const some = insert('some of the first', members);
    const { overlaps } = await attribute({ groups: [groups[0], some], controls: 0 });
    expect(overlaps).toEqual([{ first: groups[0], second: some, shared: 3 }]);
    expect((await attribute({ groups, controls: 0 })).overlaps).toEqual([]);
    removeGroups(project.folder.connection, [some]);
  });
});

describe('training without each group', () => {
  it('answers how much repeats differ', async () => {
    const found = await attribute({ method: 'logo', repeats: 2, controls: 0 });
    for (const { scores } of found.queries)
      for (const { deviation } of scores) expect(deviation).toBeGreaterThan(0);
    const once = await attribute({ method: 'logo', controls: 0 });
    for (const { scores } of once.queries) for (const { deviation } of scores) expect(deviation).toBeNull();
  });

  it('is the training of the model with nothing else changed, and kept where that is asked for', async () => {
    const { folder, tools } = project;
    const path = join(folder.modelsPath, 'altered');
    mkdirSync(path, { recursive: true });
    expect(readdirSync(path)).toEqual([]);
    // Measured already by the test before, but not kept.
    const config = { method: 'logo', controls: 0, groups: [groups[0]] };
    await attribute(config);
    await attribute({ ...config, keepModels: true });
    const [file, ...others] = readdirSync(path);
    expect(others).toEqual([]);
    const kept = readVectorFile(join(path, file!), z.object({ without: z.string() }))!;
    expect(kept.header.without).toBe('bar-0');
    const signal = new AbortController().signal;
    const context = { runId: listRuns(folder.connection)[0]!.id, signal, progress: () => undefined };
    const model = await loadDenoiser(folder, null, context, tools);
    const out = new Set(listGroupMembers(folder.connection, groups[0]!));
    const rows = Int32Array.from(
      model.learned.flatMap(({ row, sampleId }) => (out.has(sampleId) ? [] : [row])),
    );
    expect(rows).toHaveLength(8);
    const { task } = retrainingOf(folder, model, { rows, stream: modelStream, initialStream: modelStream });
    const { average } = await trainDenoiser(tools.executor, { ...task, checkpointPath: null });
    model.images.close();
    expect(kept.vectors[0]).toEqual(average);
  });
});

describe('a training without a group', () => {
  it('that was interrupted goes on where it stood, and ends as one that was not', async () => {
    const abort = new AbortController();
    const config = { method: 'logo', controls: 0, groups: [groups[0]], seed: 3 };
    const onProgress = (stage: string, fraction: number | null): void => {
      if (stage.startsWith('Training without') && fraction! >= 0.5) abort.abort();
    };
    const first = counting();
    const stopping = { signal: abort.signal, onProgress, executor: first.executor };
    await expect(attribute(config, stopping)).rejects.toThrow(CancelledError);
    const second = counting();
    const { id: runId } = listRuns(project.folder.connection)[0]!;
    const resumed = rawOf(await attribute(config, { runId, executor: second.executor }));
    expect([first.steps(), second.steps()]).toEqual([6, 6]);
    rmSync(join(project.folder.cachePath, 'altered'), { recursive: true });
    expect(rawOf(await attribute(config))).toEqual(resumed);
    const names = readdirSync(join(project.folder.cachePath, 'altered'));
    expect(names.filter((name) => !name.endsWith('.f64'))).toEqual([]);
  });
});

describe('scores of images that are summed over groups', () => {
  it.each([
    { method: 'd-trak-sum', single: 'd-trak', isSum: true },
    { method: 'trak-sum', single: 'trak', isSum: true },
    { method: 'das-sum', single: 'das', isSum: true },
    { method: 'embedding-mean', single: 'embedding-cos', isSum: false },
    { method: 'pixel-mean', single: 'pixel-cos', isSum: false },
  ])('by $method are those of the images', async ({ method, single, isSum }) => {
    const found = await attribute({ method, controls: 0 });
    const scoresPath = join(project.path, '..', 'scores.npy');
    await project.runHere({ kind: 'attribute-queries', config: { method: single, scoresPath } });
    const bytes = readFileSync(scoresPath);
    const data = new Float32Array(Uint8Array.from(bytes.subarray(10 + bytes.readUInt16LE(8))).buffer);
    const { columns } = JSON.parse(readFileSync(`${scoresPath}.json`, 'utf8')) as { columns: SampleId[] };
    for (const [query, row] of rawOf(found).entries())
      for (const [group, raw] of row.entries()) {
        const own = listGroupMembers(project.folder.connection, groups[group]!);
        const sum = own.reduce((total, id) => total + data[query * columns.length + columns.indexOf(id)]!, 0);
        expect(raw).toBeCloseTo(isSum ? sum : sum / own.length, 4);
      }
  });

  it('stand beside as many random groups as ranks need', async () => {
    const { controls, queries: found } = await attribute({ method: 'pixel-mean', controls: 1 });
    expect(controls).toHaveLength(1);
    // Two groups at a level of 5 %: 39.
    expect(controls[0]!.finding).toContain('39 random groups');
    expect(controls[0]!.met).toBe(true);
    for (const { verdict } of found) expect(['attributed', 'diffuse']).toContain(verdict);
  });
});

describe('groups that cannot be attributed', () => {
  let added: GroupId[] = [];
  beforeEach(() => {
    removeGroups(project.folder.connection, added);
    added = [];
  });

  it('are none at all, or stand beside no query', () => {
    expect(withoutGroups).toMatchObject({ code: 'groups-missing' });
    expect(withoutQueries).toMatchObject({ code: 'queries-missing' });
  });

  it.each([
    ['test', 'the model learned none of its images'],
    ['train', 'it is all that the model learned'],
  ])('are those of the whole %s split', async (split, reason) => {
    const members = listPresentSamples(project.folder.connection).filter((sample) => sample.split === split);
    added = [
      insert(
        `all of ${split}`,
        members.map(({ id }) => id),
      ),
    ];
    await expect(attribute({ groups: added })).rejects.toMatchObject({
      code: 'group-useless',
      details: { name: `all of ${split}`, reason },
    });
  });

  it('are those that are not there', async () => {
    await expect(attribute({ groups: [99] })).rejects.toMatchObject({ code: 'group-not-found' });
  });
});

describe('an attribution of a model that is told classes', () => {
  let modelId: number;
  let query: QueryId;
  beforeAll(async () => {
    const config = { ...tinyTraining, conditional: true, averageDecay: 0 };
    const run = await project.runHere({ kind: 'train-denoiser', config });
    modelId = Number(run.summary['modelId']);
    await project.runHere({ kind: 'sample-images', config: { modelId, count: 1, steps: 4 } });
    query = listQueries(project.folder.connection)[0]!.id;
  });

  it('tells each image its class, and queries the one that they were made under', async () => {
    for (const method of ['guda', 'd-trak-sum']) {
      const found = await attribute({ modelId, method, queries: [query] });
      expect(rawOf(found).flat().every(Number.isFinite)).toBe(true);
    }
  });

  it('draws forgotten images to the other class unless another target is asked for, and says so', async () => {
    const asked = { modelId, queries: [query], controls: 0 };
    const open = await attribute(asked);
    expect(open.choices.target).toBe('anchor');
    const { executor, steps } = counting();
    expect(rawOf(await attribute({ ...asked, target: 'anchor' }, { executor }))).toEqual(rawOf(open));
    // What the two share was measured once.
    expect(steps()).toBe(0);
    const nearest = await attribute({ ...asked, target: 'softmax' });
    expect(rawOf(nearest)).not.toEqual(rawOf(open));
    // A choice that is not read makes no other model.
    expect(rawOf(await attribute({ ...asked, target: 'softmax', anchors: 'uniform' }, { executor }))).toEqual(
      rawOf(nearest),
    );
    expect(steps()).toBe(0);
  });

  it('that is not told classes draws them to their nearest, and refuses another class', async () => {
    const [first] = listQueries(project.folder.connection).toReversed();
    const plain = { modelId: 1, queries: [first!.id], controls: 0 };
    expect((await attribute(plain)).choices.target).toBe('softmax');
    await expect(attribute({ ...plain, target: 'anchor' })).rejects.toMatchObject({
      code: 'anchors-missing',
      details: { reason: 'the model is not told classes' },
    });
  });
});
