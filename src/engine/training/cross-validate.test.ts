import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { drawShapes } from '../../../testing/shape-images.ts';
import { CancelledError } from '../../core/base/app-error.ts';
import { buildClassifier } from '../../core/nn/classifier.ts';
import { TrainConfig } from '../../contract/runs-service.ts';
import { createOrtExecutor } from '../runtime/ort-executor.ts';
import { crossValidate, type CrossValidationTask } from './cross-validate.ts';
import { measureNormalization, memoryPixels } from './pixel-source.ts';
import { indexOfLargest, predictRows } from './predict.ts';
import { trainClassifier } from './train-classifier.ts';

const executor = createOrtExecutor({ threads: 1 });
const shapes = drawShapes({ count: 45, classCount: 3, size: 8, seed: 6 });
const pixels = memoryPixels(shapes.bytes, 1, 8);
const rows = Int32Array.from({ length: 45 }, (_, row) => row);
const base: CrossValidationTask = {
  classifier: buildClassifier({ architecture: 'mlp', channels: 1, imageSize: 8, classCount: 3, dropout: 0 }),
  origin: 'mlp',
  pixels,
  normalization: measureNormalization(pixels, rows),
  labels: shapes.labels,
  rows,
  foldCount: 3,
  settings: TrainConfig.parse({ epochs: 4, batchSize: 8, seed: 2 }),
  path: null,
};

let home: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'whence-folds-'));
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

describe('crossValidate', () => {
  it('predicts each image by models that did not learn it: a wrong label cannot colour its own prediction', async () => {
    const settings = { ...base.settings, epochs: 12 };
    const labels = shapes.labels.slice();
    labels[7] = (labels[7]! + 1) % 3;
    const { probabilities } = await crossValidate(executor, { ...base, labels, settings });
    expect(indexOfLargest(probabilities.subarray(7 * 3, 8 * 3))).toBe(shapes.labels[7]);
  });

  it('takes the mean over the epochs', async () => {
    const { folds, probabilities } = await crossValidate(executor, base);
    const held = rows.filter((row) => folds[row] === 0);
    const mean = new Float64Array(held.length * 3);
    for (let epochs = 1; epochs <= 4; epochs++) {
      const { classifier, origin, normalization, labels, settings } = base;
      const common = { classifier, origin, pixels, normalization, labels, settings };
      const { parameters } = await trainClassifier(executor, {
        ...common,
        trainRows: rows.filter((row) => folds[row] !== 0),
        validationRows: new Int32Array(0),
        stream: 'fold 0',
        checkpointPath: null,
        epochLimit: epochs,
      });
      const found = await predictRows(executor, { ...common, parameters, rows: held });
      found.probabilities.forEach((value, index) => (mean[index]! += value / 4));
    }
    const first = probabilities.subarray(held[0]! * 3, held[0]! * 3 + 3);
    first.forEach((value, index) => expect(value).toBeCloseTo(mean[index]!, 6));
  });

  it('goes on from a stop in the middle of a fold to the same bits', async () => {
    const whole = await crossValidate(executor, base);
    const abort = new AbortController();
    const stopped = crossValidate(executor, {
      ...base,
      path: home,
      signal: abort.signal,
      onBatch: (fold, { epoch, fraction }) => {
        if (fold === 1 && epoch === 2 && fraction > 0.3) abort.abort();
      },
    });
    await expect(stopped).rejects.toBeInstanceOf(CancelledError);
    const epochsDoneAgain: string[] = [];
    const resumed = await crossValidate(executor, {
      ...base,
      path: home,
      onEpoch: (fold, { epoch }) => epochsDoneAgain.push(`${fold}/${epoch}`),
    });
    expect(epochsDoneAgain).toEqual(['1/2', '1/3', '2/0', '2/1', '2/2', '2/3']);
    expect(resumed).toEqual(whole);
  });
});
