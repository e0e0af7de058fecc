import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { drawShapes } from '../../../testing/shape-images.ts';
import { AppError, CancelledError } from '../../core/base/app-error.ts';
import type { Executor } from '../../core/execution/executor.ts';
import { buildClassifier } from '../../core/nn/classifier.ts';
import { createOrtExecutor } from '../runtime/ort-executor.ts';
import { measureNormalization, memoryPixels } from './pixel-source.ts';
import { trainClassifier } from './train-classifier.ts';
import type { TrainingTask } from './training-task.ts';

const executor = createOrtExecutor({ threads: 1 });
const shapes = drawShapes({ count: 60, classCount: 3, size: 8, seed: 5 });
const pixels = memoryPixels(shapes.bytes, 1, 8);
const rows = Int32Array.from({ length: 60 }, (_, row) => row);

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'whence-train-'));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

function task(
  overrides: Partial<TrainingTask> = {},
  settings: Partial<TrainingTask['settings']> = {},
): TrainingTask {
  return {
    classifier: buildClassifier({
      architecture: 'mlp',
      channels: 1,
      imageSize: 8,
      classCount: 3,
      dropout: 0.2,
    }),
    origin: 'mlp',
    pixels,
    normalization: measureNormalization(pixels, rows),
    labels: shapes.labels,
    trainRows: rows.slice(0, 50),
    validationRows: rows.slice(50),
    stream: 'main',
    checkpointPath: null,
    ...overrides,
    settings: {
      epochs: 4,
      batchSize: 16,
      optimizer: 'adamw',
      learningRate: 0.01,
      momentum: 0.9,
      weightDecay: 1e-3,
      schedule: 'cosine',
      augmentation: ['crop'],
      patience: 0,
      seed: 3,
      ...settings,
    },
  };
}

describe('trainClassifier', () => {
  it('learns: the loss falls and held-out shapes are told apart', async () => {
    const { metrics } = await trainClassifier(executor, task({}, { epochs: 12, augmentation: [] }));
    expect(metrics.at(-1)!.trainLoss).toBeLessThan(0.5 * metrics[0]!.trainLoss);
    expect(metrics.at(-1)!.validationAccuracy).toBeGreaterThan(0.8);
  });

  it('ends in the same bits for the same seed, in others for another', async () => {
    const first = await trainClassifier(executor, task());
    const again = await trainClassifier(executor, task());
    const other = await trainClassifier(executor, task({}, { seed: 4 }));
    expect(again.parameters).toEqual(first.parameters);
    expect(again.metrics).toEqual(first.metrics);
    expect(other.parameters).not.toEqual(first.parameters);
  });

  it('stops within one batch when cancelled, and goes on from the last epoch to the same bits', async () => {
    const uninterrupted = await trainClassifier(executor, task());
    const checkpointPath = join(home, 'main.checkpoint');
    const abort = new AbortController();
    let batchesAfterCancel = 0;
    const cancelled = trainClassifier(
      executor,
      task({
        checkpointPath,
        signal: abort.signal,
        onBatch: ({ epoch, fraction }) => {
          if (abort.signal.aborted) batchesAfterCancel++;
          if (epoch === 2 && fraction > 0.4) abort.abort();
        },
      }),
    );
    await expect(cancelled).rejects.toBeInstanceOf(CancelledError);
    expect(batchesAfterCancel).toBe(0);
    let epochsDoneAgain = 0;
    const resumed = await trainClassifier(
      executor,
      task({ checkpointPath, onEpoch: () => epochsDoneAgain++ }),
    );
    expect(epochsDoneAgain).toBe(2);
    expect(resumed.parameters).toEqual(uninterrupted.parameters);
    expect(resumed.metrics).toEqual(uninterrupted.metrics);
    expect(resumed.observed).toEqual(uninterrupted.observed);
  });

  it('refuses a checkpoint that was made with other arguments', async () => {
    const checkpointPath = join(home, 'main.checkpoint');
    await trainClassifier(executor, task({ checkpointPath, epochLimit: 1 }));
    const other = trainClassifier(executor, task({ checkpointPath }, { learningRate: 0.02 }));
    await expect(other).rejects.toMatchObject({ code: 'artifact-arguments-differ' });
  });

  it('restores the best epoch where patience is set, and stops after it', async () => {
    // Labels of the held-out shapes are turned round, so that their loss rises as soon as anything is learned.
    const labels = shapes.labels.map((label, row) => (row < 50 ? label : (label + 1) % 3));
    const trained = await trainClassifier(executor, task({ labels }, { epochs: 30, patience: 2 }));
    const losses = trained.metrics.map((metrics) => metrics.validationLoss!);
    const best = losses.indexOf(Math.min(...losses));
    expect(trained.epochCount).toBe(best + 1);
    expect(trained.metrics.length).toBe(best + 3);
  });

  it('says when the loss is no longer a number', async () => {
    const diverged = trainClassifier(executor, task({}, { optimizer: 'sgd', learningRate: 1e30 }));
    await expect(diverged).rejects.toMatchObject({
      code: 'training-diverged',
      details: { learningRate: 1e30 },
    });
  });

  it('halves the batch where memory runs out, and says so where even one image does not fit', async () => {
    const halved = await trainClassifier(refusingBatchesAbove(5, executor), task());
    const asked = await trainClassifier(executor, task({}, { batchSize: 4 }));
    expect(halved.parameters).toEqual(asked.parameters);
    await expect(trainClassifier(refusingBatchesAbove(0, executor), task())).rejects.toMatchObject({
      code: 'memory-exhausted',
      details: { what: 'Training' },
    });
  });
});

/** An executor whose training sessions have memory for so many images at once. */
function refusingBatchesAbove(limit: number, inner: Executor): Executor {
  return {
    profile: inner.profile,
    open: async (program) => {
      const session = await inner.open(program);
      const tooLarge =
        program.inputs.has('optimizerState') && program.inputs.get('images')!.shape[0]! > limit;
      return tooLarge
        ? {
            ...session,
            run: () => Promise.reject(new AppError('memory-exhausted', { what: 'This step' })),
            dispose: () => session.dispose(),
          }
        : session;
    },
  };
}
