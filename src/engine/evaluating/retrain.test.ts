import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeTrainedProject, type TrainedProject } from '../../../testing/trained-project.ts';
import { CancelledError } from '../../core/base/app-error.ts';
import type { RunId } from '../../contract/vocabulary.ts';
import { loadModel, type LoadedModel } from '../attributing/loaded-model.ts';
import { readPixels } from '../images/sample-pixels.ts';
import { createOrtExecutor } from '../runtime/ort-executor.ts';
import { modelStream, openRetraining, retrain, retrainAndPredict, type RetrainWork } from './retrain.ts';

let project: TrainedProject;
let model: LoadedModel;
const { signal } = new AbortController();
const executor = createOrtExecutor({ threads: 2 });

beforeAll(async () => {
  project = await makeTrainedProject({
    train: 40,
    test: 12,
    classCount: 2,
    config: {
      architecture: 'mlp',
      epochs: 5,
      batchSize: 8,
      patience: 1,
      dropout: 0.2,
      augmentation: ['crop'],
    },
  });
  const context = { runId: 1 as RunId, signal, progress: () => undefined };
  model = await loadModel(project.folder, null, context, (ids, layout) =>
    readPixels(project.folder, ids, layout, signal),
  );
});
afterAll(() => {
  model.pixels.close();
  project.remove();
});

const open = (): RetrainWork => openRetraining(project.folder, model, { executor }, signal);
const learnedRows = (): Int32Array => Int32Array.from(model.learned, ({ row }) => row);
const testRows = (): Int32Array =>
  Int32Array.from(model.samples.keys()).filter((row) => model.samples[row]!.split === 'test');

describe('a model that is trained again', () => {
  it('on all that it learned, under its own stream, gets the same parameters, early stop included', async () => {
    const { parameters } = await retrain(open(), { rows: learnedRows(), stream: modelStream });
    expect(parameters).toEqual(model.parameters);
  });

  it('on some of it, or under another stream or other labels, gets others', async () => {
    const rows = learnedRows();
    const labels = Int32Array.from(model.samples, (_, row) => row % 2);
    const others = [
      { rows: rows.slice(1), stream: modelStream },
      { rows, stream: 'repeat 1' },
      { rows, stream: modelStream, labels },
    ];
    for (const other of others) {
      const { parameters } = await retrain(open(), other);
      expect(parameters).not.toEqual(model.parameters);
    }
  });

  it('leaves what it says about the measured images, so that it is not trained twice', async () => {
    const retraining = { rows: learnedRows().slice(3), stream: 'repeat 0' };
    const logits = await retrainAndPredict(open(), retraining, testRows());
    expect(logits).toHaveLength(12 * 2);
    const idle = {
      ...open(),
      executor: { profile: executor.profile, open: () => Promise.reject(new Error()) },
    };
    expect(await retrainAndPredict(idle, retraining, testRows())).toEqual(logits);
    const kept = readdirSync(join(project.folder.cachePath, 'retrainings'));
    expect(kept.filter((name) => name.endsWith('.logits.f32'))).toHaveLength(1);
  });

  it('stops when asked to', async () => {
    const abort = new AbortController();
    const work = { ...open(), signal: abort.signal };
    const stopping = retrain(work, {
      rows: learnedRows(),
      stream: 'cancelled',
      onProgress: () => abort.abort(),
    });
    await expect(stopping).rejects.toThrow(CancelledError);
  });
});
