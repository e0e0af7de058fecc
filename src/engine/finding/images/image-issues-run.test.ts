import { mkdirSync, rmSync, mkdtempSync, unlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeImportProject, type ImportProject } from '../../../../testing/imported-project.ts';
import { writePlantedImages, type PlantedImages } from '../../../../testing/planted-images.ts';
import { FindIssuesConfig, type ImageIssue } from '../../../contract/image-issues-service.ts';
import { ImageIssueKind } from '../../../contract/issue-kinds.ts';
import type { RunId } from '../../../contract/vocabulary.ts';
import { readPixels } from '../../images/sample-pixels.ts';
import { createOrtExecutor } from '../../runtime/ort-executor.ts';
import { createOrtMatrixEngine } from '../../runtime/ort-matrix-engine.ts';
import { readRun } from '../../storage/runs.ts';
import { pageImageIssues, summarizeImageIssues } from '../../storage/image-issues.ts';
import { listUnmeasured } from '../../storage/image-measures.ts';
import { imageIssuesRun } from './image-issues-run.ts';

let source: string;
let planted: PlantedImages;
let project: ImportProject;
let paths: Map<number, string>;
let figures: Record<string, unknown>;

const search = (config: Partial<FindIssuesConfig> = {}, signal = new AbortController().signal) =>
  imageIssuesRun(
    project.folder,
    FindIssuesConfig.parse(config),
    { runId: 1 as RunId, signal, progress: () => undefined },
    {
      executor: createOrtExecutor({ threads: 1 }),
      matrixEngine: createOrtMatrixEngine({ threads: 1 }),
      readPixels: (ids, shape) => readPixels(project.folder, ids, shape, signal),
    },
  );

function found(kind: ImageIssueKind): ImageIssue[] {
  return pageImageIssues(project.folder.connection, { kind, from: 0, count: 500, state: 'all' }).issues;
}

const pathsOf = (issue: ImageIssue): string[] =>
  issue.members.map(({ sampleId }) => paths.get(sampleId)!).toSorted();

beforeAll(async () => {
  source = mkdtempSync(join(tmpdir(), 'whence-planted-'));
  planted = await writePlantedImages(source, 1);
  project = makeImportProject();
  project.folder.connection
    .prepare("INSERT INTO runs (kind, status, config, createdAt) VALUES ('find-issues', 'running', '{}', '')")
    .run();
  await project.import(source);
  paths = new Map(
    project.rows('SELECT id, path FROM samples').map(({ id, path }) => [id as number, path as string]),
  );
  figures = await search({ kinds: ImageIssueKind.options.filter((kind) => kind !== 'outlier') });
});

afterAll(() => {
  project.remove();
  rmSync(source, { recursive: true });
});

describe('a search among planted issues', () => {
  it.each(['blank', 'dark', 'bright', 'blurred', 'tiny', 'odd-aspect'] as const)(
    'finds every planted %s image and no other',
    (kind) => {
      const images = found(kind).flatMap(pathsOf).toSorted();
      expect(images).toEqual(planted.single[kind].toSorted());
    },
  );

  it.each(['exact-duplicate', 'near-duplicate', 'leakage'] as const)(
    'finds every planted %s and no other',
    (kind) => {
      const clusters = found(kind)
        .map((issue) => pathsOf(issue).join(' '))
        .toSorted();
      expect(clusters).toEqual(
        planted.clusters[kind].map((cluster) => cluster.toSorted().join(' ')).toSorted(),
      );
    },
  );

  it('tells how alike they are, which splits a leak touches, and that labels differ', () => {
    const relations = (kind: ImageIssueKind) => found(kind).map(({ members }) => members[1]!.relation);
    expect(relations('exact-duplicate').toSorted()).toEqual(['same-file', 'same-pixels']);
    expect(relations('near-duplicate')).toEqual(['alike', 'alike']);
    expect(found('leakage').map(({ detail }) => detail)).toEqual([
      'train, test: the same pixels',
      'train, test: nearly the same',
    ]);
    for (const issue of found('near-duplicate')) {
      expect(issue.value).toBeGreaterThan(0.98);
      expect(issue.conflicting).toBe(pathsOf(issue).some((path) => path.endsWith('smaller.png')));
    }
  });

  it('lists the files that are no images, with the reason', () => {
    const broken = found('broken');
    expect(broken.map(({ detail }) => detail.split(':')[0])).toEqual(planted.broken);
    expect(broken.every(({ members, state }) => members.length === 0 && state === 'open')).toBe(true);
  });

  it('says what it came to, and how the measures are spread', () => {
    expect(figures).toMatchObject({
      images: paths.size,
      measured: paths.size,
      blank: 2,
      leakage: 2,
      broken: 2,
    });
    const blurred = summarizeImageIssues(project.folder.connection).find(({ kind }) => kind === 'blurred');
    expect(blurred).toMatchObject({ threshold: -3.5, total: 2, open: 2, examined: paths.size });
    expect(blurred?.histogram?.counts.reduce((sum, count) => sum + count)).toBe(paths.size - 2);
  });
});

describe('a search that is done again', () => {
  it('reads no pixel twice, and finds the same by the same keys', async () => {
    const before = found('near-duplicate').map(({ key }) => key);
    expect(listUnmeasured(project.folder.connection)).toEqual([]);
    expect(await search({ kinds: ['near-duplicate', 'leakage'] })).toMatchObject({ measured: 0 });
    expect(found('near-duplicate').map(({ key }) => key)).toEqual(before);
    expect(found('blank')).toHaveLength(2);
  });

  it('follows its thresholds; without leakage a cluster over splits is a duplicate', async () => {
    await search({ kinds: ['tiny', 'exact-duplicate'], thresholds: { tiny: 0.9 } });
    expect(found('tiny').flatMap(pathsOf)).toContain('train/square/smaller.png');
    expect(found('exact-duplicate')).toHaveLength(3);
    await search({ kinds: ['exact-duplicate', 'leakage'] });
  });

  it('finds mirror images where it is asked to', async () => {
    const { connection } = project.folder;
    const turned = found('near-duplicate').length;
    const { default: sharp } = await import('sharp');
    await sharp(join(source, planted.clean[12]!)).flop().toFile(join(source, 'train/round/mirrored.png'));
    await project.import(source);
    await search({ kinds: ['near-duplicate', 'leakage'] });
    expect(found('near-duplicate')).toHaveLength(turned);
    await search({ kinds: ['near-duplicate', 'leakage'], mirrored: true });
    const relations = found('near-duplicate').flatMap(({ members }) =>
      members.map(({ relation }) => relation),
    );
    expect(relations).toContain('mirrored');
    expect(found('near-duplicate')).toHaveLength(turned + 1);
    expect(connection.prepare('SELECT count(*) FROM imageMeasures').pluck().get()).toBe(paths.size + 1);
  });

  it('tells outliers by pixels where there is no model, each with a score', async () => {
    const answer = await search({ kinds: ['outlier'], thresholds: { outlier: 0.5 } });
    const scores = found('outlier').map(({ value }) => value!);
    // Half of the images are farther from their neighbours than the median, or from those of their class.
    expect(scores.length).toBe(answer['outlier']);
    expect(scores.length).toBeGreaterThanOrEqual(Math.floor(paths.size / 2));
    expect(scores.every((score) => score > 0.5 && score < 1)).toBe(true);
    expect(scores).toEqual(scores.toSorted((a, b) => b - a));
  });

  it('calls a file broken that was damaged or lost since, and stops when it is cancelled', async () => {
    const [lost, damaged] = planted.clean as [string, string];
    const { connection, featuresPath, cachePath } = project.folder;
    connection.prepare('DELETE FROM imageMeasures').run();
    for (const path of [featuresPath, cachePath]) {
      rmSync(path, { recursive: true, force: true });
      mkdirSync(path);
    }
    await expect(search({}, AbortSignal.abort())).rejects.toMatchObject({ name: 'CancelledError' });
    unlinkSync(join(source, lost));
    writeFileSync(join(source, damaged), 'no longer an image');
    await search({ kinds: ['broken', 'exact-duplicate', 'outlier'] });
    expect(readRun(connection, 1 as RunId).notes[0]).toContain('Outliers were not looked for');
    const broken = found('broken').filter(({ members }) => members.length === 1);
    expect(broken.flatMap(pathsOf)).toEqual([lost, damaged]);
    expect(broken.map(({ detail }) => /no longer at|no longer be read/.test(detail))).toEqual([true, true]);
  });

  it('fails where not one image can be read: its folder is not there', async () => {
    project.folder.connection.prepare('DELETE FROM imageMeasures').run();
    project.folder.connection.prepare("UPDATE sources SET root = root || '-gone'").run();
    await expect(search({})).rejects.toMatchObject({ code: 'sample-file-missing' });
  });
});
