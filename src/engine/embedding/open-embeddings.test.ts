import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { broughtModel } from '../../../testing/brought-model.ts';
import { makeTrainedProject, type TrainedProject } from '../../../testing/trained-project.ts';
import { EmbeddingChoices } from '../../contract/embedding-choices.ts';
import type { RunId } from '../../contract/vocabulary.ts';
import { writeModel } from '../../core/onnx/write-model.ts';
import type { ComputeTools } from '../attributing/compute-tools.ts';
import { readPixels } from '../images/sample-pixels.ts';
import { createOrtExecutor } from '../runtime/ort-executor.ts';
import { createOrtMatrixEngine } from '../runtime/ort-matrix-engine.ts';
import { insertRun } from '../storage/runs.ts';
import { openEmbeddings, readEmbeddings, type Embeddings } from './open-embeddings.ts';

const IMAGES = 36;
let project: TrainedProject;
let tools: ComputeTools;
const opened: string[] = [];

beforeAll(async () => {
  project = await makeTrainedProject({
    ...{ train: 30, test: 6, classCount: 3 },
    config: { architecture: 'mlp', epochs: 1 },
  });
  tools = {
    executor: createOrtExecutor({ threads: 1 }),
    matrixEngine: createOrtMatrixEngine({ threads: 1 }),
    readPixels: (ids, shape) => {
      opened.push('pixels');
      return readPixels(project.folder, ids, shape, new AbortController().signal);
    },
  };
}, 60_000);
afterAll(() => project.remove());

const newRun = (): RunId =>
  insertRun(project.folder.connection, { kind: 'import', config: { sourcePath: 'none' } }, {});

function open(choices: Partial<EmbeddingChoices>, runId = newRun()): Promise<Embeddings> {
  const context = { runId, signal: new AbortController().signal, progress: () => undefined };
  return openEmbeddings(project.folder, EmbeddingChoices.parse(choices), context, tools);
}

describe('embeddings of every image', () => {
  it('are what the last layer of the newest model sees, where there is a model', async () => {
    const found = await open({});
    expect(found.source).toMatchObject({ kind: 'model' });
    expect(found.title).toMatch(/^last layer of /);
    const rows = readEmbeddings(found);
    expect(rows.rows).toBe(IMAGES);
    expect(new Set(rows.data).size).toBeGreaterThan(IMAGES);
  });

  it('are the pixels from 0 to 1 where they are asked for, and are read only once', async () => {
    const found = await open({ source: 'pixels' });
    const { columns, data } = readEmbeddings(found);
    expect(columns % 256).toBe(0);
    expect(Math.min(...data)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...data)).toBeLessThanOrEqual(1);
    opened.length = 0;
    expect(readEmbeddings(await open({ source: 'pixels' })).data).toEqual(data);
    expect(opened).toEqual([]);
  });

  it('are those of a feature extractor, with or without classes, by the pixel values that were chosen', async () => {
    const file = join(project.sourcePath, 'extractor.onnx');
    writeFileSync(file, writeModel(broughtModel({ embedding: true })));
    const unit = await open({ source: 'file', file, pixels: 'unit' });
    expect(unit).toMatchObject({ title: 'extractor.onnx', store: { columns: 4, rowCount: IMAGES } });
    const other = await open({ source: 'file', file, pixels: 'symmetric' });
    expect(readEmbeddings(other).data).not.toEqual(readEmbeddings(unit).data);
  });

  it('stay of the source that the run began with', async () => {
    const runId = newRun();
    await open({ source: 'pixels' }, runId);
    expect((await open({ source: 'auto' }, runId)).source).toEqual({ kind: 'pixels' });
  });

  it('need a file that is there', async () => {
    await expect(open({ source: 'file' })).rejects.toMatchObject({ code: 'call-invalid' });
    await expect(open({ source: 'file', file: '/none.onnx' })).rejects.toMatchObject({
      code: 'source-not-found',
    });
  });
});
