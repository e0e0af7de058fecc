import { copyFileSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  makeGenerativeProject,
  type GenerativeProject,
  type RunChanges,
} from '../../../../testing/generative-project.ts';
import { spearman } from '../../../core/linalg/ranks.ts';
import { DiffusionMethod } from '../../../contract/generation-configs.ts';
import type { Run } from '../../../contract/runs-service.ts';
import type { QueryId, SampleId } from '../../../contract/vocabulary.ts';
import { readDenoiserArtifact, writeDenoiserArtifact } from '../../generating/denoiser-artifact.ts';
import { addQueryFiles } from '../../generating/query-files.ts';
import { listPresentSamples } from '../../storage/labelled-samples.ts';
import { readModel } from '../../storage/models.ts';
import { listTrainPaths } from '../../storage/sample-paths.ts';
import { findQueryInfluences, type QueryInfluences } from '../../storage/queries.ts';

/** Copied under another name before the import, and asked about as a file. */
const COPIED = 'train/bar-0/0000.png';
const COPY = 'train/bar-1/copy.png';

let project: GenerativeProject;
let added: QueryId;
beforeAll(async () => {
  project = await makeGenerativeProject({
    ...{ train: 13, test: 3, classCount: 2, queries: 3 },
    config: { steps: 20, learningRate: 0.005 },
    change: (sourcePath) => copyFileSync(join(sourcePath, COPIED), join(sourcePath, COPY)),
  });
  [added] = (await addQueryFiles(project.folder, [join(project.sourcePath, COPIED)])).added as [QueryId];
}, 120_000);
afterAll(() => project.remove());

const small = { timestepCount: 3, projectionSize: 256 };

function attribute(config: object = {}, changes: RunChanges = {}): Promise<Run> {
  return project.runHere({ kind: 'attribute-queries', config: { ...small, ...config } }, changes);
}

interface Scores {
  readonly rows: readonly QueryId[];
  readonly columns: readonly SampleId[];
  readonly at: (query: QueryId, sample: SampleId) => number;
  readonly data: Float32Array;
}

const known = new Map<string, Scores>();

/** All scores; equal settings are asked once. */
async function scoresOf(config: object = {}): Promise<Scores> {
  const key = JSON.stringify(config);
  const found = known.get(key) ?? (await scoresAnew(config));
  known.set(key, found);
  return found;
}

/** All scores, from the file that the run writes. */
async function scoresAnew(
  config: object = {},
  changes: RunChanges = {},
): Promise<Scores & { readonly run: Run }> {
  const scoresPath = join(project.path, '..', 'scores.npy');
  const run = await attribute({ ...config, scoresPath }, changes);
  const bytes = readFileSync(scoresPath);
  const start = 10 + bytes.readUInt16LE(8);
  const data = new Float32Array(Uint8Array.from(bytes.subarray(start)).buffer);
  const { rows, columns } = JSON.parse(readFileSync(`${scoresPath}.json`, 'utf8')) as Pick<
    Scores,
    'rows' | 'columns'
  >;
  expect(bytes.toString('latin1')).toContain(`'shape': (${rows.length}, ${columns.length})`);
  const at = (query: QueryId, sample: SampleId): number =>
    data[rows.indexOf(query) * columns.length + columns.indexOf(sample)]!;
  return { rows, columns, data, at, run };
}

function sampleAt(path: string): SampleId {
  return listTrainPaths(project.folder.connection).find((sample) => sample.path === path)!.id;
}

function influencesOf(query: QueryId, { id }: Run): QueryInfluences {
  return findQueryInfluences(project.folder.connection, query, id)!;
}

describe('an attribution of query images', () => {
  it('writes all scores, and keeps the strongest of both signs for each query', async () => {
    const { rows, columns, at } = await scoresOf({ topCount: 4 });
    expect(rows).toEqual([...project.queryIds, added]);
    const learned = listPresentSamples(project.folder.connection).filter(({ split }) => split === 'train');
    expect(columns).toEqual(learned.map(({ id }) => id));
    const run = await attribute({ topCount: 4 });
    expect(run.summary).toMatchObject({
      queries: 4,
      trainCount: 14,
      featureLength: 256,
      relativeDamping: 0.1,
    });
    for (const query of rows) {
      const { proponents, opponents } = influencesOf(query, run);
      const scores = columns.map((sample) => at(query, sample));
      const positive = scores.filter((score) => score > 0).sort((a, b) => b - a);
      const negative = scores.filter((score) => score < 0).sort((a, b) => a - b);
      expect(proponents.map(({ score }) => Math.fround(score))).toEqual(positive.slice(0, 4));
      expect(opponents.map(({ score }) => Math.fround(score))).toEqual(negative.slice(0, 4));
      for (const { sampleId, score } of [...proponents, ...opponents])
        expect(at(query, sampleId as SampleId)).toBe(Math.fround(score));
    }
  });

  it('of named queries is of those alone, and the same for them', async () => {
    const all = await scoresOf();
    const one = await scoresOf({ queries: [added] });
    expect(one.rows).toEqual([added]);
    for (const sample of one.columns) expect(one.at(added, sample)).toBeCloseTo(all.at(added, sample), 5);
  });

  it('gives copies of one training image equal scores', async () => {
    const { rows, at } = await scoresOf();
    const [original, copy] = [sampleAt(COPIED), sampleAt(COPY)];
    for (const query of rows) expect(at(query, copy)).toBe(at(query, original));
  });

  it('finds a query that is a training image among the training images', async () => {
    const run = await attribute({ topCount: 2 });
    const { proponents } = influencesOf(added, run);
    expect(proponents.map(({ sampleId }) => sampleId).sort()).toEqual(
      [sampleAt(COPIED), sampleAt(COPY)].sort(),
    );
  });

  it('refuses normalisations where there are no gradients', async () => {
    const config = { method: 'pixel-cos', normalisation: 'relative-loss' };
    await expect(attribute(config)).rejects.toMatchObject({ code: 'normalisation-without-gradients' });
  });

  it.each(['relative-parameters', 'relative-loss', 'renormalised'])(
    'normalised as %s divides each training image’s scores by a number of its own',
    async (normalisation) => {
      const [plain, normalised] = [await scoresOf(), await scoresOf({ normalisation })];
      const { rows, columns } = plain;
      const factors = columns.map((column) => plain.at(added, column) / normalised.at(added, column));
      for (const factor of factors) expect(factor).toBeGreaterThan(0);
      expect(new Set(factors).size).toBeGreaterThan(columns.length / 2);
      for (const query of rows)
        for (const [place, column] of columns.entries()) {
          const expected = plain.at(query, column) / factors[place]!;
          expect(normalised.at(query, column) / expected).toBeCloseTo(1, 3);
        }
    },
  );

  it.each(['fold', 'factorised', 'mask-sjlt'])(
    'shortened by %s ranks as whole gradients do, nearly',
    async (projection) => {
      const plain = await scoresOf({ projection: 'none' });
      const other = await scoresOf({ projection, projectionSize: 4096 });
      for (const query of plain.rows) {
        const [a, b] = [plain, other].map(({ at, columns }) =>
          Float64Array.from(columns, (column) => at(query, column)),
        );
        expect(spearman(a!, b!)).toBeGreaterThan(0.8);
      }
    },
  );

  it('says so where one of the queries is not there', async () => {
    await expect(attribute({ queries: [99] })).rejects.toMatchObject({ code: 'query-not-found' });
  });
});

describe.each(DiffusionMethod.options)('the method %s', (method) => {
  it('scores every training image for every image that the model made', async () => {
    const config = { method, queries: project.queryIds, projectionSize: 64 };
    const { data, rows, columns, at } = await scoresOf(config);
    expect(data).toHaveLength(rows.length * columns.length);
    expect(data.every(Number.isFinite)).toBe(true);
    expect(new Set(columns.map((column) => at(rows[0]!, column))).size).toBeGreaterThan(2);
    expect((await scoresAnew(config)).data).toEqual(data);
  });
});

describe('a method that follows the journey', () => {
  it('refuses images from elsewhere, and says which', async () => {
    await expect(attribute({ method: 'journey-trak' })).rejects.toMatchObject({
      code: 'method-needs-generated',
      details: { queryId: added },
    });
  });

  it('refuses images of another model', async () => {
    const other = await project.runHere({
      kind: 'train-denoiser',
      config: { steps: 1, timesteps: 20, imageSize: 8, batchSize: 4 },
    });
    const config = { method: 'journey-trak', queries: project.queryIds };
    await expect(attribute({ ...config, modelId: other.summary['modelId'] })).rejects.toMatchObject({
      code: 'method-needs-generated',
    });
    project.folder.connection.prepare('DELETE FROM models WHERE runId = ?').run(other.id);
  });
});

describe('ensembles of a denoiser', () => {
  const config = { queries: [1 as QueryId], projectionSize: 64 };

  it('of a mask that drops nothing are the model alone, bit for bit', async () => {
    const alone = await scoresOf(config);
    const masked = await scoresOf({ ...config, ensemble: 'dropout', dropoutRate: 0, variants: 1 });
    expect(masked.data).toEqual(alone.data);
    const dropped = await scoresOf({ ...config, ensemble: 'dropout', dropoutRate: 0.3, variants: 1 });
    expect(dropped.data).not.toEqual(alone.data);
  });

  it.each([
    { ensemble: 'independent', models: 2 },
    { ensemble: 'checkpoints', variants: 3 },
    { ensemble: 'dropout', variants: 2, dropoutRate: 0.2 },
    { ensemble: 'lora', variants: 2, adapterSteps: 3, adapterRank: 2 },
  ])('as $ensemble are trained once and give the same again', async (ensemble) => {
    const stages: string[] = [];
    const onProgress = (stage: string): number => stages.push(stage);
    const first = await scoresAnew({ ...config, ...ensemble }, { onProgress });
    const isTraining = (stage: string): boolean => stage.startsWith('Training');
    const isTrained = ensemble.ensemble === 'independent' || ensemble.ensemble === 'lora';
    expect(stages.some(isTraining)).toBe(isTrained);
    expect(first.data.every(Number.isFinite)).toBe(true);
    expect(first.data).not.toEqual((await scoresOf(config)).data);
    stages.length = 0;
    const again = await scoresAnew({ ...config, ...ensemble }, { onProgress });
    expect(stages.filter((stage) => isTraining(stage) || stage.startsWith('Gradients'))).toEqual([]);
    expect((again.run.summary['trainSeconds'] as number) > 0).toBe(isTrained);
    expect(again.data).toEqual(first.data);
  });

  it('of checkpoints in TracIn weigh each by the learning that it stands for', async () => {
    const tracin = { ...config, method: 'tracin', ensemble: 'checkpoints' };
    const plain = { ...config, method: 'grad-dot', ensemble: 'checkpoints' };
    const [one, dot] = [
      await scoresOf({ ...tracin, variants: 1 }),
      await scoresOf({ ...plain, variants: 1 }),
    ];
    const ratio = one.data[0]! / dot.data[0]!;
    // All twenty steps: a peak of 0.005 and a cosine that begins after one of them.
    expect(ratio).toBeGreaterThan(0.005 * 8);
    expect(ratio).toBeLessThan(0.005 * 12);
    for (const [place, score] of one.data.entries()) expect(score / dot.data[place]!).toBeCloseTo(ratio, 4);
  });

  it('of checkpoints are of one model: others would be trained in vain', async () => {
    const stages: string[] = [];
    const onProgress = (stage: string): number => stages.push(stage);
    const several = { ...config, ensemble: 'checkpoints', models: 2 };
    await expect(attribute(several, { onProgress })).rejects.toMatchObject({ code: 'usage-invalid' });
    expect(stages.filter((stage) => stage.startsWith('Training'))).toEqual([]);
  });

  it('leave nothing behind but the members themselves', async () => {
    // So many steps that a checkpoint is kept on the way.
    const long = { ensemble: 'lora', variants: 1, adapterSteps: 200, adapterRank: 2 };
    await attribute({ ...config, ...long });
    const names = readdirSync(join(project.folder.modelsPath, 'members'));
    expect(names.length).toBeGreaterThan(0);
    expect(names.filter((name) => !name.endsWith('.f32'))).toEqual([]);
  });
});

describe('a copy of a training image', () => {
  it('halves what the single image had, where damping is weak', async () => {
    const config = { queries: [added], projectionSize: 1024, relativeDamping: 1e-5 };
    const [original, copy] = [sampleAt(COPIED), sampleAt(COPY)];
    const both = await scoresAnew(config);
    const { artifact } = readModel(project.folder.connection, null, 'generate');
    const path = join(project.path, artifact);
    const whole = readDenoiserArtifact(path);
    writeDenoiserArtifact(path, {
      ...whole,
      learned: whole.learned.filter(({ sampleId }) => sampleId !== copy),
    });
    const single = await scoresAnew(config);
    expect(single.at(added, original)).toBeCloseTo(1, 2);
    expect(both.at(added, original)).toBeCloseTo(0.5, 2);
    expect(both.at(added, copy)).toBe(both.at(added, original));
    writeDenoiserArtifact(path, whole);
  });
});
