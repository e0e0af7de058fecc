import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeShapeFolder, type ShapeFolder } from '../../../testing/write-shape-folder.ts';
import { areaUnderRoc } from '../../core/evaluation/detection.ts';
import { RunRequest, type Run } from '../../contract/runs-service.ts';
import type { SampleId } from '../../contract/vocabulary.ts';
import { findInfluences, readSelfInfluences } from '../storage/influences.ts';
import { pageIssues, readEvidence, summarizeIssues } from '../storage/issues.ts';
import { listModels, readEpochs } from '../storage/models.ts';
import { createProjectFolder, openProjectFolder, type ProjectFolder } from '../storage/project-folder.ts';
import { readRun, readRunProvenance } from '../storage/runs.ts';
import { RunQueue } from './run-queue.ts';

const IMAGES = 120;

let home: string;
let folder: ProjectFolder;
let shapes: ShapeFolder;
const done: Record<string, Run> = {};

/** The whole analysis once, through the queue and its real worker; the facts below look at what it left. */
beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'whence-analysis-'));
  const source = join(home, 'shapes');
  shapes = await writeShapeFolder(source, {
    count: IMAGES,
    classCount: 4,
    size: 16,
    seed: 2,
    flippedShare: 0.1,
  });
  const path = join(home, 'shapes.whence');
  createProjectFolder(path).close();
  const queue = new RunQueue(path);
  const requests = [
    RunRequest.parse({ kind: 'import', config: { sourcePath: source } }),
    RunRequest.parse({
      kind: 'train',
      config: {
        architecture: 'mlp',
        epochs: 12,
        batchSize: 16,
        learningRate: 0.02,
        folds: 3,
        validationShare: 0.1,
      },
    }),
    RunRequest.parse({
      kind: 'attribute',
      config: { projectionSize: 128, topCount: 5, scoresPath: join(home, 'scores.npy') },
    }),
    RunRequest.parse({ kind: 'issues', config: { maximumShare: 0.25 } }),
  ];
  const ids = requests.map((request) => queue.start(request));
  await queue.idle();
  await queue.dispose();
  folder = openProjectFolder(path);
  for (const [index, id] of ids.entries()) done[requests[index]!.kind] = readRun(folder.connection, id);
}, 120_000);

afterAll(() => {
  folder.close();
  rmSync(home, { recursive: true, force: true });
});

const pathOf = (id: SampleId): string =>
  folder.connection.prepare('SELECT path FROM samples WHERE id = ?').pluck().get(id) as string;

describe('import, train, attribute and issues on 120 images', () => {
  it('all finish', () => {
    expect(Object.fromEntries(Object.values(done).map((run) => [run.kind, run.error ?? run.status]))).toEqual(
      {
        import: 'finished',
        train: 'finished',
        attribute: 'finished',
        issues: 'finished',
      },
    );
  });

  it('keep the model, its curve, its figures and what they depend on', () => {
    const [model] = listModels(folder.connection);
    expect(model).toMatchObject({ architecture: 'mlp', imageSize: 16, channels: 1, trainCount: 108 });
    expect(model!.epochs).toHaveLength(12);
    expect(readEpochs(folder.connection, done['train']!.id, 2)).toHaveLength(12);
    expect(model!.outOfSampleAccuracy).toBeGreaterThan(0.8);
    expect(done['train']!.summary).toMatchObject({ modelId: model!.id, trainCount: 108, epochs: 12 });
    const provenance = readRunProvenance(folder.connection, done['train']!.id);
    expect(provenance.dataHash).toMatch(/^[0-9a-f]{64}$/);
  });

  it('predict every image, each training image by a fold that did not learn it', () => {
    const counts = folder.connection
      .prepare(
        'SELECT fold, count(*) AS count FROM predictions WHERE outOfSample = 1 GROUP BY fold ORDER BY fold',
      )
      .all();
    expect(counts).toEqual([0, 1, 2].map((fold) => ({ fold, count: 40 })));
  });

  it('find the flipped labels', () => {
    const { issues, total } = pageIssues(folder.connection, { from: 0, count: 500, state: 'all' });
    expect(total).toBe(30);
    const rankOf = new Map(issues.map((issue) => [pathOf(issue.sampleId), issue.score]));
    const paths = folder.connection.prepare('SELECT path FROM samples ORDER BY id').pluck().all() as string[];
    const area = areaUnderRoc(
      paths.map((path) => rankOf.get(path) ?? 0),
      paths.map((path) => shapes.flipped.has(path)),
    );
    expect(area).toBeGreaterThan(0.9);
    expect(summarizeIssues(folder.connection)).toMatchObject({ total: 30, stale: false });
  });

  it('suggest the class that a flipped image belongs to', () => {
    const names = new Map(
      (folder.connection.prepare('SELECT id, name FROM classes').all() as { id: number; name: string }[]).map(
        ({ id, name }) => [id, name],
      ),
    );
    const { issues } = pageIssues(folder.connection, { from: 0, count: 12, state: 'all' });
    const right = issues.filter(
      (issue) => shapes.flipped.get(pathOf(issue.sampleId)) === names.get(issue.suggestedLabel),
    );
    expect(right.length).toBeGreaterThanOrEqual(9);
  });

  it('show for each issue training images of both labels that pull it there, never itself', () => {
    const { issues } = pageIssues(folder.connection, { from: 0, count: 5, state: 'all' });
    for (const { sampleId, givenLabel, suggestedLabel } of issues) {
      const { towardsGiven, towardsSuggested, method } = readEvidence(folder.connection, sampleId);
      expect(method).toBe('trak');
      expect(towardsSuggested.entries.length).toBeGreaterThan(0);
      for (const [pull, label] of [
        [towardsGiven, givenLabel] as const,
        [towardsSuggested, suggestedLabel] as const,
      ])
        for (const entry of pull.entries) {
          expect(entry.sampleId).not.toBe(sampleId);
          expect(entry.score).toBeGreaterThan(0);
          expect(labelOf(entry.sampleId)).toBe(label);
        }
    }
  });

  it('give every image its strongest helpers and opponents, in order', () => {
    for (const id of folder.connection.prepare('SELECT id FROM samples').pluck().all() as SampleId[]) {
      const found = findInfluences(folder.connection, id)!;
      const scores = found.proponents.map((entry) => entry.score);
      expect(scores.length).toBe(5);
      expect(scores).toEqual([...scores].sort((a, b) => b - a));
      expect(found.opponents.every((entry) => entry.score < 0)).toBe(true);
    }
  });

  it('give flipped images a larger self-influence than most', () => {
    const attribution = folder.connection.prepare('SELECT id FROM attributions').pluck().get() as number;
    const own = readSelfInfluences(folder.connection, attribution);
    expect(own.size).toBe(IMAGES);
    const entries = [...own];
    const area = areaUnderRoc(
      entries.map(([, score]) => score),
      entries.map(([id]) => shapes.flipped.has(pathOf(id))),
    );
    expect(area).toBeGreaterThan(0.8);
  });

  it('write all scores as a NumPy matrix whose strongest entries are those that were stored', () => {
    const file = readFileSync(join(home, 'scores.npy'));
    const ids = JSON.parse(readFileSync(join(home, 'scores.npy.json'), 'utf8')) as {
      rows: SampleId[];
      columns: SampleId[];
    };
    const start = 10 + file.readUInt16LE(8);
    expect(file.toString('latin1', 0, start)).toContain(
      `'shape': (${ids.rows.length}, ${ids.columns.length})`,
    );
    const scores = new Float32Array(Uint8Array.from(file.subarray(start)).buffer);
    expect(scores.length).toBe(120 * 108);
    const target = ids.rows[7]!;
    const row = [...scores.subarray(7 * 108, 8 * 108)];
    const best = ids.columns
      .map((sampleId, column) => ({ sampleId, score: row[column]! }))
      .filter(({ sampleId, score }) => score > 0 && sampleId !== target)
      .sort((a, b) => b.score - a.score)
      .slice(0, 5);
    expect(findInfluences(folder.connection, target)!.proponents).toEqual(best);
  });
});

function labelOf(id: SampleId): number {
  return folder.connection.prepare('SELECT label FROM samples WHERE id = ?').pluck().get(id) as number;
}
