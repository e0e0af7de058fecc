/** @file What a trained classifier says about images. */
import { throwIfCancelled } from '../../core/base/app-error.ts';
import type { CancelSignal } from '../../core/base/cancel-signal.ts';
import type { Executor } from '../../core/execution/executor.ts';
import { makeMatrix, zeros32, type Matrix32 } from '../../core/linalg/matrix.ts';
import { imageShape, type Network } from '../../core/nn/network.ts';
import { predictionProgram } from '../../core/nn/prediction-program.ts';
import { elementCount, float32 } from '../../core/tensor/tensor.ts';
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
  /** Embeddings are kept too; they may be large. */
  readonly withEmbedding?: boolean;
  readonly signal?: CancelSignal | undefined;
  readonly onBatch?: ((done: number) => void) | undefined;
}

export interface Predictions {
  /** [rows, classes] */
  readonly logits: Float32Array;
  readonly probabilities: Float32Array;
  /** [rows, width]; empty where it was not asked for. */
  readonly embedding: Matrix32;
}

const LARGEST_BATCH = 256;
/** Pixels of a batch: what a network computes of them is some dozens of times as much. */
const BATCH_BYTES = 20e6;

/** Logits and probabilities of these rows, without augmentation or dropout. */
export async function predictRows(executor: Executor, request: PredictionRequest): Promise<Predictions> {
  const { rows, classifier } = request;
  const fitting = Math.floor(BATCH_BYTES / (4 * elementCount(imageShape(classifier, 1))));
  const batchSize = Math.min(LARGEST_BATCH, Math.max(1, fitting), rows.length);
  const found = await (rows.length === 0
    ? new Map<string, Matrix32>()
    : halvingBatches(batchSize, 'Prediction', (size) => fill(executor, request, size)));
  return {
    logits: found.get('logits')?.data ?? new Float32Array(0),
    probabilities: found.get('probabilities')?.data ?? new Float32Array(0),
    embedding: found.get('embedding') ?? makeMatrix(0, 0, new Float32Array(0)),
  };
}

/** The program's outputs by name, with one row per requested row. */
async function fill(
  executor: Executor,
  request: PredictionRequest,
  batchSize: number,
): Promise<Map<string, Matrix32>> {
  const { classifier, parameters, pixels, normalization, rows, signal } = request;
  const program = predictionProgram(classifier, parameters, { batchSize, profile: executor.profile });
  const names = ['logits', 'probabilities', ...(request.withEmbedding === true ? ['embedding'] : [])];
  const found = new Map(
    names.map((name) => [name, zeros32(rows.length, program.outputs.get(name)!.shape[1]!)]),
  );
  const reader = new BatchReader(pixels, normalization, batchSize);
  const session = await executor.open(program);
  try {
    for (let from = 0; from < rows.length; from += batchSize) {
      throwIfCancelled(signal);
      const some = rows.subarray(from, from + batchSize);
      const images = float32(imageShape(classifier, batchSize), reader.read(some));
      const fetched = await session.run({ images }, names);
      for (const [name, { data, columns }] of found) {
        const batch = fetched[name]!.data as Float32Array;
        data.set(batch.subarray(0, some.length * columns), from * columns);
      }
      request.onBatch?.(Math.min(rows.length, from + batchSize));
    }
  } finally {
    await session.dispose();
  }
  return found;
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
