/** @file The Gauss–Newton matrix of the training loss of a network, by which vectors are multiplied without forming it. */
import type { CancelSignal } from '../../../core/base/cancel-signal.ts';
import type { CurvatureOperator } from '../../../core/attribution/curvature/curvature-operator.ts';
import type { Executor, Fetches } from '../../../core/execution/executor.ts';
import type { Matrix } from '../../../core/linalg/matrix.ts';
import { zeros32 } from '../../../core/linalg/matrix.ts';
import { curvatureProgram } from '../../../core/nn/curvature-program.ts';
import { float32 } from '../../../core/tensor/tensor.ts';
import type { FeatureModel, FeatureTarget } from '../compute-features.ts';
import { BatchedProgram, type RunBatch } from './batched-program.ts';

/** Vectors that share one pass through the network at most, and the bytes of those vectors at most. */
const MOST_VECTORS = 8;
const VECTOR_BYTES = 64 * 2 ** 20;

/** The mean over the training images. Their labels do not enter: the cross-entropy's curvature by the logits is that of any label. */
export class GaussNewtonOperator implements CurvatureOperator {
  readonly size: number;
  readonly largestRank: number;
  readonly #executor: Executor;
  readonly #model: FeatureModel;
  readonly #learned: readonly FeatureTarget[];
  readonly #signal: CancelSignal;
  readonly #vectorCount: number;
  readonly #programs = new Map<number, BatchedProgram>();

  constructor(
    executor: Executor,
    model: FeatureModel,
    learned: readonly FeatureTarget[],
    signal: CancelSignal,
  ) {
    const { parameterCount, outputCount } = model.classifier;
    this.size = parameterCount;
    this.largestRank = Math.min(parameterCount, learned.length * Math.max(1, outputCount - 1));
    this.#executor = executor;
    this.#model = model;
    this.#learned = learned;
    this.#signal = signal;
    this.#vectorCount = Math.max(1, Math.min(MOST_VECTORS, Math.floor(VECTOR_BYTES / (4 * parameterCount))));
  }

  readonly multiply = (vectors: Matrix): Promise<Matrix> => this.multiplyOver(this.#learned, vectors);

  /** The same with the mean over some of the images. Each batch is read once for all vectors. */
  multiplyOver(targets: readonly FeatureTarget[], vectors: Matrix): Promise<Matrix> {
    const count = vectors.rows < this.#vectorCount ? 1 : this.#vectorCount;
    const parts = partsOf(vectors, count);
    return this.#programOf(count).pass(
      targets,
      () => zeros32(vectors.rows, vectors.columns),
      (products, run) => this.#addProducts(products, parts, targets.length, run),
      this.#signal,
    );
  }

  async dispose(): Promise<void> {
    await Promise.all([...this.#programs.values()].map((program) => program.dispose()));
    this.#programs.clear();
  }

  async #addProducts(
    products: Matrix,
    parts: readonly Float32Array[],
    sampleCount: number,
    run: RunBatch,
  ): Promise<void> {
    for (const [index, part] of parts.entries()) {
      const vectors = float32([part.length / this.size, this.size], part);
      const found: Fetches = await run({ vectors });
      const data = found['products']!.data as Float32Array;
      const from = index * part.length;
      const end = Math.min(products.data.length, from + part.length);
      for (let at = from; at < end; at++) products.data[at]! += data[at - from]! / sampleCount;
    }
  }

  #programOf(vectorCount: number): BatchedProgram {
    const open = this.#programs.get(vectorCount);
    if (open !== undefined) return open;
    const { classifier, parameters } = this.#model;
    const program = new BatchedProgram(this.#executor, this.#model, (batchSize) =>
      curvatureProgram(classifier, {
        batchSize,
        vectorCount,
        curvature: 'gaussNewton',
        frozen: parameters,
        profile: this.#executor.profile,
      }),
    );
    this.#programs.set(vectorCount, program);
    return program;
  }
}

/** `count` vectors each in float32, the last filled up with zeros. */
function partsOf({ rows, columns, data }: Matrix, count: number): Float32Array[] {
  return Array.from({ length: Math.ceil(rows / count) }, (_, index) => {
    const part = new Float32Array(count * columns);
    part.set(data.subarray(index * count * columns, Math.min(rows, (index + 1) * count) * columns));
    return part;
  });
}
