/** METHODS §6.8: two clouds in the plane, a tenth of the labels wrong; every score must find them. */
import { beforeAll, describe, expect, it } from 'vitest';
import { Random } from '../../core/base/random.ts';
import { fitPrimal } from '../../core/attribution/preconditioner.ts';
import { selfInfluence } from '../../core/attribution/score-queries.ts';
import { labelSignalNames, type LabelSignals } from '../../core/curation/label-signals.ts';
import { rankLabels } from '../../core/curation/rank-labels.ts';
import { areaUnderRoc } from '../../core/evaluation/detection.ts';
import { plantErrors } from '../../core/evaluation/plant-errors.ts';
import { gramOf } from '../../core/linalg/gram.ts';
import { makeMatrix } from '../../core/linalg/matrix.ts';
import { plainMatrixEngine } from '../../core/linalg/matrix-engine.ts';
import { buildClassifier } from '../../core/nn/classifier.ts';
import { TrainConfig } from '../../contract/runs-service.ts';
import { FeatureComputer } from '../attributing/compute-features.ts';
import { trainOnPlanted } from '../evaluating/planted-training.ts';
import { createOrtExecutor } from '../runtime/ort-executor.ts';
import { measureNormalization, memoryPixels } from '../training/pixel-source.ts';

const COUNT = 200;
const executor = createOrtExecutor({ threads: 1 });
const rows = Int32Array.from({ length: COUNT }, (_, row) => row);
const truth = rows.map((row) => row % 2);
const { labels, planted } = plantErrors(truth, { classCount: 2, share: 0.1, seed: 8, confusion: null });
const pixels = memoryPixels(drawBlobs(), 1, 2);
const normalization = measureNormalization(pixels, rows);

/** A point is the first two pixels of a 2 × 2 image. */
function drawBlobs(): Uint8Array {
  const random = new Random(21, 'blobs');
  const bytes = new Uint8Array(COUNT * 4).fill(128);
  for (const row of rows)
    for (const axis of [0, 1])
      bytes[row * 4 + axis] = Math.round(128 + (truth[row] === 0 ? -50 : 50) + 18 * random.normal());
  return bytes;
}

let signals: LabelSignals;
beforeAll(async () => {
  const classifier = buildClassifier({
    architecture: 'mlp',
    channels: 1,
    imageSize: 2,
    classCount: 2,
    dropout: 0,
  });
  const settings = TrainConfig.parse({ epochs: 12, batchSize: 8, learningRate: 0.01, seed: 1 });
  const recipe = { network: classifier, origin: 'blobs', settings, epochs: settings.epochs };
  const model = { pixels, normalization };
  const trained = await trainOnPlanted({
    ...{ executor, matrixEngine: plainMatrixEngine, recipe, model, foldCount: 4, path: null },
    learned: { rows, labels },
  });
  signals = { ...trained.signals, 'self-influence': await influenceOf(classifier, trained.parameters) };
}, 60_000);

/** TRAK of one model. */
async function influenceOf(
  classifier: ReturnType<typeof buildClassifier>,
  parameters: Float32Array,
): Promise<Float64Array> {
  const projection = { kind: 'fold', size: 64, seed: 2 } as const;
  const model = { classifier, parameters, normalization, pixels };
  const computer = new FeatureComputer(executor, model, { outputFunction: 'margin', projection });
  const targets = Array.from(rows, (row) => ({ row, classIndex: labels[row]! }));
  const { features, side } = await computer.compute(targets);
  await computer.dispose();
  const train = [makeMatrix(COUNT, 64, features)];
  const preconditioner = await fitPrimal(await gramOf(train, plainMatrixEngine), 0.1, plainMatrixEngine);
  return selfInfluence([{ preconditioner, train }], side['residuals']!);
}

describe('two blobs with 10 % flipped labels', () => {
  it.each(labelSignalNames)('%s finds them (AUC > 0.95)', (name) => {
    expect(areaUnderRoc(signals[name]!, planted)).toBeGreaterThan(0.95);
  });

  it('all together find them (AUC > 0.95), and say roughly how many there are', () => {
    const { scores } = rankLabels(signals, 'combined');
    expect(areaUnderRoc(scores, planted)).toBeGreaterThan(0.95);
    const share = scores.reduce((sum, probability) => sum + probability, 0) / COUNT;
    expect(Math.abs(share - 0.1)).toBeLessThan(0.06);
  });
});
