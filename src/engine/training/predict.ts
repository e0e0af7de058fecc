/** @file What a trained classifier says about images. */
import { throwIfCancelled } from '../../core/base/app-error.ts';
import type { CancelSignal } from '../../core/base/cancel-signal.ts';
import type { Executor } from '../../core/execution/executor.ts';
import { imageShape, type Network } from '../../core/nn/network.ts';
import { predictionProgram } from '../../core/nn/prediction-program.ts';
import { float32 } from '../../core/tensor/tensor.ts';
import type { Normalization } from '../storage/models.ts';
import { halvingBatches } from './batch-size.ts';
import { BatchReader } from './batches.ts';
import type { PixelSource } from './pixel-source.ts';

export interface PredictionRequest {
  readonly classifier: Network;
  readonly parameters: Float32Array;
  readonly pixels: PixelSource;
  readonly normalization: Normalization;
  readonly rows: Int32Array;
  readonly signal?: CancelSignal | undefined;
  readonly onBatch?: ((done: number) => void) | undefined;
}

export interface Predictions {
  /** [rows, classes] */
  readonly logits: Float32Array;
  readonly probabilities: Float32Array;
}

const LARGEST_BATCH = 256;

/** Logits and probabilities of these rows, without augmentation or dropout. */
export async function predictRows(executor: Executor, request: PredictionRequest): Promise<Predictions> {
  const { rows } = request;
  const classCount = request.classifier.outputCount;
  const logits = new Float32Array(rows.length * classCount);
  const probabilities = new Float32Array(rows.length * classCount);
  if (rows.length === 0) return { logits, probabilities };
  const batchSize = Math.min(LARGEST_BATCH, rows.length);
  await halvingBatches(batchSize, 'Prediction', (size) =>
    fill(executor, request, size, { logits, probabilities }),
  );
  return { logits, probabilities };
}

async function fill(
  executor: Executor,
  request: PredictionRequest,
  batchSize: number,
  target: Predictions,
): Promise<void> {
  const { classifier, parameters, pixels, normalization, rows, signal } = request;
  const classCount = classifier.outputCount;
  const program = predictionProgram(classifier, parameters, { batchSize, profile: executor.profile });
  const reader = new BatchReader(pixels, normalization, batchSize);
  const session = await executor.open(program);
  try {
    for (let from = 0; from < rows.length; from += batchSize) {
      throwIfCancelled(signal);
      const some = rows.subarray(from, from + batchSize);
      const images = float32(imageShape(classifier, batchSize), reader.read(some));
      const fetched = await session.run({ images }, ['logits', 'probabilities']);
      for (const name of ['logits', 'probabilities'] as const) {
        const data = fetched[name]!.data as Float32Array;
        target[name].set(data.subarray(0, some.length * classCount), from * classCount);
      }
      request.onBatch?.(Math.min(rows.length, from + batchSize));
    }
  } finally {
    await session.dispose();
  }
}

/** Mean cross-entropy and accuracy of logits against the class index of each row. */
export function evaluate(
  logits: Float32Array,
  labels: ArrayLike<number>,
  classCount: number,
): { loss: number; accuracy: number } {
  let loss = 0;
  let correct = 0;
  for (let place = 0; place < labels.length; place++) {
    const row = logits.subarray(place * classCount, (place + 1) * classCount);
    const largest = row.reduce((a, b) => Math.max(a, b), -Infinity);
    const sum = row.reduce((total, logit) => total + Math.exp(logit - largest), 0);
    loss += largest + Math.log(sum) - row[labels[place]!]!;
    if (indexOfLargest(row) === labels[place]) correct++;
  }
  return { loss: loss / labels.length, accuracy: correct / labels.length };
}

/** The first of the largest. */
export function indexOfLargest(values: Float32Array): number {
  let best = 0;
  for (let index = 1; index < values.length; index++) if (values[index]! > values[best]!) best = index;
  return best;
}
