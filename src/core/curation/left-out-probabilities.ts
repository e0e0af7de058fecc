/**
 * @file Class probabilities of every image by a classifier that was fitted to all images but that one: ridge regression of the
 * one-hot labels on an embedding, whose leave-one-out answers follow from one fit (ŷᵢ − hᵢyᵢ)/(1 − hᵢ), with h the diagonal of the hat
 * matrix (Allen's PRESS). The ridge and the sharpness of the softmax are those with the smallest left-out log-loss.
 * The embedding itself may have seen the labels: what a network learned by heart stays hidden.
 */
import { fitPrimal, type Preconditioner } from '../attribution/preconditioner.ts';
import { gramOf } from '../linalg/gram.ts';
import { makeMatrix, rowBlock, type Matrix } from '../linalg/matrix.ts';
import type { MatrixEngine } from '../linalg/matrix-engine.ts';

const RELATIVE_RIDGES: readonly number[] = [1e-3, 1e-2, 1e-1, 1];
const SHARPNESSES: readonly number[] = [1, 2, 4, 8, 16];
const BLOCK_ROWS = 2048;
/** A leverage of one would leave nothing to answer with. */
const LARGEST_LEVERAGE = 1 - 1e-6;
const SMALLEST_PROBABILITY = 1e-12;

export interface LabelledEmbedding {
  /** [n, E] */
  readonly embedding: Matrix;
  /** Class index per row. */
  readonly labels: Int32Array;
  readonly classCount: number;
}

/** [n, classes] */
export async function leftOutProbabilities(
  images: LabelledEmbedding,
  engine: MatrixEngine,
): Promise<Float32Array> {
  const features = standardised(images.embedding);
  const gram = await gramOf([...blocksOf(features)], engine);
  let best: { readonly loss: number; readonly probabilities: Float32Array } | null = null;
  for (const ridge of RELATIVE_RIDGES) {
    const scores = await leftOutScores(features, images, await fitPrimal(gram, ridge, engine));
    for (const sharpness of SHARPNESSES) {
      const probabilities = softmaxRows(scores, images.classCount, sharpness);
      const loss = logLoss(probabilities, images);
      if (best === null || loss < best.loss) best = { loss, probabilities };
    }
  }
  return best!.probabilities;
}

/** Columns with mean 0 and deviation 1, and a last one of ones. */
function standardised({ rows, columns, data }: Matrix): Matrix {
  const width = columns + 1;
  const features = new Float32Array(rows * width);
  for (let column = 0; column < columns; column++) {
    let [sum, squares] = [0, 0];
    for (let row = 0; row < rows; row++) {
      const value = data[row * columns + column]!;
      sum += value;
      squares += value * value;
    }
    const mean = sum / rows;
    const deviation = Math.sqrt(Math.max(0, squares / rows - mean * mean)) || 1;
    for (let row = 0; row < rows; row++)
      features[row * width + column] = (data[row * columns + column]! - mean) / deviation;
  }
  for (let row = 0; row < rows; row++) features[row * width + columns] = 1;
  return makeMatrix(rows, width, features);
}

function* blocksOf(features: Matrix): Generator<Matrix> {
  for (let from = 0; from < features.rows; from += BLOCK_ROWS)
    yield rowBlock(features, from, Math.min(BLOCK_ROWS, features.rows - from));
}

/** [n, classes]: (ŷ − h·y)/(1 − h). */
async function leftOutScores(
  features: Matrix,
  { labels, classCount }: LabelledEmbedding,
  ridge: Preconditioner,
): Promise<Float64Array> {
  const fitted = await ridge.prepare(labelSums(features, labels, classCount));
  const scores = new Float64Array(features.rows * classCount);
  let from = 0;
  for (const block of blocksOf(features)) {
    const answers = await fitted.scores(block, from);
    const leverages = await ridge.selfScores(block, from);
    for (let place = 0; place < block.rows; place++) {
      const row = from + place;
      const leverage = Math.min(LARGEST_LEVERAGE, leverages[place]!);
      for (let label = 0; label < classCount; label++) {
        const own = labels[row] === label ? leverage : 0;
        scores[row * classCount + label] = (answers.data[label * block.rows + place]! - own) / (1 - leverage);
      }
    }
    from += block.rows;
  }
  return scores;
}

/** YᵀX, [classes, E + 1]. */
function labelSums({ columns, data }: Matrix, labels: Int32Array, classCount: number): Matrix {
  const sums = new Float32Array(classCount * columns);
  for (const [row, label] of labels.entries())
    for (let column = 0; column < columns; column++)
      sums[label * columns + column]! += data[row * columns + column]!;
  return makeMatrix(classCount, columns, sums);
}

function softmaxRows(scores: Float64Array, classCount: number, sharpness: number): Float32Array {
  const probabilities = new Float32Array(scores.length);
  for (let start = 0; start < scores.length; start += classCount) {
    const row = scores.subarray(start, start + classCount);
    const largest = row.reduce((a, b) => Math.max(a, b), -Infinity);
    const exponentials = row.map((score) => Math.exp(sharpness * (score - largest)));
    const total = exponentials.reduce((a, b) => a + b, 0);
    for (let label = 0; label < classCount; label++)
      probabilities[start + label] = exponentials[label]! / total;
  }
  return probabilities;
}

function logLoss(probabilities: Float32Array, { labels, classCount }: LabelledEmbedding): number {
  let loss = 0;
  for (const [row, label] of labels.entries())
    loss -= Math.log(Math.max(SMALLEST_PROBABILITY, probabilities[row * classCount + label]!));
  return loss / labels.length;
}
