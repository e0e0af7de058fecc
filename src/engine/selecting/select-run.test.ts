import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeShapeFolder, type ShapeFolder } from '../../../testing/write-shape-folder.ts';
import { RunRequest, type Run } from '../../contract/runs-service.ts';
import { SelectConfig, SelectionStrategy } from '../../contract/selection-config.ts';
import type { Subset } from '../../contract/subsets-service.ts';
import type { SampleId } from '../../contract/vocabulary.ts';
import { RunQueue } from '../runs/run-queue.ts';
import { listEvaluations } from '../storage/evaluations.ts';
import { createProjectFolder, type ProjectFolder } from '../storage/project-folder.ts';
import { readRun } from '../storage/runs.ts';
import { listMembers, listSubsets } from '../storage/subsets.ts';

const SHARE = 0.4;
/** Of 120 images a tenth is held out. */
const CANDIDATES = 108;

let home: string;
let folder: ProjectFolder;
let shapes: ShapeFolder;

/** Through the queue and its real worker. */
async function finish(...requests: Parameters<typeof RunRequest.parse>[0][]): Promise<Run[]> {
  const queue = new RunQueue(folder.path);
  const ids = requests.map((request) => queue.start(RunRequest.parse(request)));
  await queue.idle();
  await queue.dispose();
  return ids.map((id) => readRun(folder.connection, id));
}

const choices = { projectionSize: 64, relativeDamping: 0.1, share: SHARE } as const;
const select = (config: object) => ({ kind: 'select', config: { ...choices, ...config } });

beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'whence-select-'));
  const source = join(home, 'shapes');
  const drawn = { classCount: 3, size: 16 };
  shapes = await writeShapeFolder(join(source, 'train'), {
    ...drawn,
    count: 120,
    seed: 2,
    flippedShare: 0.1,
  });
  await writeShapeFolder(join(source, 'test'), { ...drawn, count: 90, seed: 3, flippedShare: 0 });
  folder = createProjectFolder(join(home, 'shapes.whence'));
  const train = {
    architecture: 'mlp',
    epochs: 8,
    batchSize: 16,
    learningRate: 0.02,
    folds: 3,
    validationShare: 0.1,
  };
  const runs = await finish(
    { kind: 'import', config: { sourcePath: source } },
    { kind: 'train', config: train },
    { kind: 'distil', config: { clustersPerClass: 6, iterations: 20 } },
    ...SelectionStrategy.options.map((strategy) => select({ strategy })),
  );
  expect(runs.map(({ error, status }) => error ?? status)).toEqual(runs.map(() => 'finished'));
}, 120_000);

afterAll(() => {
  folder.close();
  rmSync(home, { recursive: true, force: true });
});

const chosenBy = (strategy: SelectionStrategy): Subset =>
  listSubsets(folder.connection).find(
    (subset) => subset.strategy === strategy && subset.choices.name === '',
  )!;
const pathOf = (id: SampleId): string =>
  folder.connection.prepare('SELECT path FROM samples WHERE id = ?').pluck().get(id) as string;
const flippedAmong = (subset: Subset): number =>
  listMembers(folder.connection, subset.id).filter(({ sampleId }) =>
    shapes.flipped.has(pathOf(sampleId).replace(/^train\//, '')),
  ).length;

describe('a select run', () => {
  it.each(SelectionStrategy.options)(
    'chooses its budget by %s, as evenly among classes as it goes',
    (strategy) => {
      const subset = chosenBy(strategy);
      expect(subset.candidateCount).toBe(CANDIDATES);
      expect(subset.sampleCount).toBe(Math.round(SHARE * CANDIDATES));
      const kept = subset.classes.map((one) => one.kept);
      expect(Math.max(...kept) - Math.min(...kept)).toBeLessThanOrEqual(1);
      expect(kept.reduce((sum, count) => sum + count, 0)).toBe(subset.sampleCount);
      // Here a class is a folder.
      expect(subset.folders.map((one) => one.kept)).toEqual(kept);
      expect(subset.measured).toBeNull();
    },
  );

  it('leaves label errors out, which random drawing takes as they come', () => {
    expect(flippedAmong(chosenBy('random'))).toBeGreaterThan(1);
    for (const strategy of ['influence', 'el2n', 'self-influence', 'diversity', 'uncertainty'] as const)
      expect(flippedAmong(chosenBy(strategy)), strategy).toBeLessThanOrEqual(1);
  });

  it('takes fewer label errors than random drawing by influence alone, without a look at cross-validation', async () => {
    await finish(select({ strategy: 'influence', target: 'test', suspects: 'as-ranked', name: 'alone' }));
    const subset = listSubsets(folder.connection).find(({ name }) => name === 'alone')!;
    expect(flippedAmong(subset)).toBeLessThan(flippedAmong(chosenBy('random')));
    expect(subset.predicted!.kept).toBeGreaterThan(0);
    expect(subset.predicted!.kept).toBeGreaterThan(subset.predicted!.dropped);
  });

  it('measures a subset that is there beside random ones, and trains nothing twice', async () => {
    const { id } = chosenBy('influence');
    const [run] = await finish(select({ subsetId: id, repeats: 2 }));
    expect(run).toMatchObject({ status: 'finished', summary: { subsetId: id, repeats: 2 } });
    const { measured, choices: kept } = listSubsets(folder.connection).find((subset) => subset.id === id)!;
    expect(measured).toMatchObject({ on: 'test', subset: { repeats: 2 }, random: { repeats: 2 } });
    expect(kept).toEqual(SelectConfig.parse({ ...choices, strategy: 'influence' }));
    const trainings = (): number[] =>
      readdirSync(join(folder.cachePath, 'retrainings')).map(
        (file) => statSync(join(folder.cachePath, 'retrainings', file)).mtimeMs,
      );
    const before = trainings();
    expect(before).toHaveLength(4);
    await finish(select({ subsetId: id, repeats: 2 }));
    expect(trainings()).toEqual(before);
  });

  it('fails with what to do where a strategy has nothing to go by', async () => {
    const [run] = await finish(select({ strategy: 'influence', target: 'val' }));
    expect(run).toMatchObject({ status: 'failed', error: { code: 'subset-strategy-unavailable' } });
    const [missing] = await finish(select({ subsetId: 4711, repeats: 1 }));
    expect(missing).toMatchObject({ status: 'failed', error: { code: 'subset-not-found' } });
  });
});

describe('a comparison of strategies', () => {
  it('stores each with its spread, random beside it, and what the other end of the scores does', async () => {
    const strategies = ['influence', 'random', 'diversity'];
    const [run] = await finish({
      kind: 'evaluate-selection',
      config: { ...choices, strategies, repeats: 2 },
    });
    expect(run!.error).toBeNull();
    const evaluations = listEvaluations(folder.connection, null);
    expect(evaluations.map(({ title }) => title.split(',')[0])).toEqual(['Influence', 'Diversity', 'Random']);
    const [influence, , random] = evaluations;
    expect(influence!.chance).toEqual({ mean: random!.score, deviation: random!.deviation });
    expect(influence!.curves.map(({ name }) => name)).toEqual(['chosen', 'the other end', 'random']);
    // Images that harm the targets are what the other end holds: most of the label errors among them.
    expect(influence!.figures['accuracy of the other end']).toBeLessThan(influence!.score);
    expect(run!.summary).toMatchObject({ strategies: 2, leftOut: null, randomAccuracy: random!.score });
  });
});
