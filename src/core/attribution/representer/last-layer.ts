/** @file The objective of a last layer with an ℓ2 penalty: (1/n) Σ cross-entropy(W·fᵢ, yᵢ) + λ‖W‖², its gradient and curvature. */
import { throwIfCancelled } from '../../base/app-error.ts';
import type { CancelSignal } from '../../base/cancel-signal.ts';
import type { RowBlocks } from '../../linalg/gram.ts';
import { makeMatrix, type Matrix64 } from '../../linalg/matrix.ts';
import type { MatrixEngine } from '../../linalg/matrix-engine.ts';
import { mixInto } from '../../linalg/row-algebra.ts';
import { widen } from '../../linalg/rows.ts';
import { squaredRowLengths } from '../preconditioner.ts';

/** The training samples as the last layer sees them. */
export interface LastLayerTask {
  /** Opens the rows f [n, k] for one pass; many passes are made. */
  readonly features: () => RowBlocks;
  readonly classOfRow: Int32Array;
  readonly classCount: number;
  /** λ: of the mean cross-entropy plus λ‖W‖². */
  readonly penalty: number;
}

/** The objective at some weights. */
export interface Evaluation {
  readonly loss: number;
  readonly gradient: Float64Array;
  /** p per block of rows, [classes, rows of the block]. */
  readonly probabilities: readonly Float64Array[];
}

export class LastLayer {
  readonly #task: LastLayerTask;
  readonly #engine: MatrixEngine;
  readonly #signal: CancelSignal | undefined;
  readonly #count: number;

  constructor(task: LastLayerTask, engine: MatrixEngine, signal: CancelSignal | undefined) {
    this.#task = task;
    this.#engine = engine;
    this.#signal = signal;
    this.#count = task.classOfRow.length;
  }

  async columns(): Promise<number> {
    for await (const block of this.#task.features()) return block.columns;
    return 0;
  }

  async longestRow(): Promise<number> {
    let longest = 0;
    for await (const block of this.#task.features())
      for (const squared of squaredRowLengths(widen(block))) longest = Math.max(longest, squared);
    return Math.sqrt(longest);
  }

  async evaluate(weights: Matrix64): Promise<Evaluation> {
    const { penalty, classOfRow, classCount } = this.#task;
    const gradient = weights.data.map((weight) => 2 * penalty * weight);
    const probabilities: Float64Array[] = [];
    let loss = penalty * weights.data.reduce((sum, weight) => sum + weight ** 2, 0);
    let firstRow = 0;
    for await (const block of this.#task.features()) {
      throwIfCancelled(this.#signal);
      const logits = await this.#engine.multiply(weights, block, { transposeB: true });
      const found = softmaxColumns(logits.data, classCount);
      const residuals = found.probabilities.slice();
      for (let row = 0; row < block.rows; row++) {
        const place = classOfRow[firstRow + row]! * block.rows + row;
        loss += (found.logSums[row]! - logits.data[place]!) / this.#count;
        residuals[place]! -= 1;
      }
      const part = await this.#engine.multiply(makeMatrix(classCount, block.rows, residuals), block);
      mixInto(gradient, part.data, { factor: 1 / this.#count });
      probabilities.push(found.probabilities);
      firstRow += block.rows;
    }
    return { loss, gradient, probabilities };
  }

  /** Hessian times vector: (1/n) Σ (diag(p) − ppᵀ)(V·f) fᵀ + 2λV. */
  async curvatureTimes(vector: Float64Array, { probabilities }: Evaluation): Promise<Float64Array> {
    const { penalty, classCount } = this.#task;
    const product = vector.map((value) => 2 * penalty * value);
    const matrix = makeMatrix(classCount, vector.length / classCount, vector);
    let place = 0;
    for await (const block of this.#task.features()) {
      throwIfCancelled(this.#signal);
      const changes = (await this.#engine.multiply(matrix, block, { transposeB: true })).data;
      const weighed = centreColumns(changes, probabilities[place++]!, classCount);
      const part = await this.#engine.multiply(makeMatrix(classCount, block.rows, weighed), block);
      mixInto(product, part.data, { factor: 1 / this.#count });
    }
    return product;
  }

  representerValues({ probabilities }: Evaluation): Float32Array {
    const { classOfRow, classCount, penalty } = this.#task;
    const values = new Float32Array(this.#count * classCount);
    let firstRow = 0;
    for (const block of probabilities) {
      const rows = block.length / classCount;
      for (let row = 0; row < rows; row++) {
        for (let index = 0; index < classCount; index++) {
          const target = classOfRow[firstRow + row] === index ? 1 : 0;
          values[(firstRow + row) * classCount + index] =
            (target - block[index * rows + row]!) / (2 * penalty * this.#count);
        }
      }
      firstRow += rows;
    }
    return values;
  }
}

/** Softmax down the columns of logits [classes, rows], and log Σ exp of each. */
export function softmaxColumns(
  logits: ArrayLike<number>,
  classCount: number,
): { probabilities: Float64Array; logSums: Float64Array } {
  const rows = logits.length / classCount;
  const probabilities = new Float64Array(logits.length);
  const logSums = new Float64Array(rows);
  for (let row = 0; row < rows; row++) {
    let largest = -Infinity;
    for (let place = row; place < logits.length; place += rows) largest = Math.max(largest, logits[place]!);
    let sum = 0;
    for (let place = row; place < logits.length; place += rows) sum += Math.exp(logits[place]! - largest);
    logSums[row] = largest + Math.log(sum);
    for (let place = row; place < logits.length; place += rows)
      probabilities[place] = Math.exp(logits[place]! - logSums[row]!);
  }
  return { probabilities, logSums };
}

/** p ⊙ (u − pᵀu) down each column. */
function centreColumns(
  changes: ArrayLike<number>,
  probabilities: Float64Array,
  classCount: number,
): Float64Array {
  const rows = changes.length / classCount;
  const weighed = new Float64Array(changes.length);
  for (let row = 0; row < rows; row++) {
    let mean = 0;
    for (let place = row; place < changes.length; place += rows)
      mean += probabilities[place]! * changes[place]!;
    for (let place = row; place < changes.length; place += rows)
      weighed[place] = probabilities[place]! * (changes[place]! - mean);
  }
  return weighed;
}
