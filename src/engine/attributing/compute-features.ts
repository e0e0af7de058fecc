/** @file Projected gradients of images under a model, or what its forward pass alone says of them, batch by batch. */
import { throwIfCancelled } from '../../core/base/app-error.ts';
import { assert } from '../../core/base/assert.ts';
import type { CancelSignal } from '../../core/base/cancel-signal.ts';
import type { Executor, Program, Session } from '../../core/execution/executor.ts';
import { featureProgram, type FeatureOptions } from '../../core/nn/feature-program.ts';
import { drawKeyedMasks } from '../../core/nn/dropout.ts';
import { imageShape, type Network } from '../../core/nn/network.ts';
import { float32 } from '../../core/tensor/tensor.ts';
import type { FeatureRows } from '../artifacts/feature-store.ts';
import type { Normalization } from '../storage/models.ts';
import { halvingBatches } from '../training/batch-size.ts';
import { BatchReader } from '../training/batches.ts';
import type { PixelSource } from '../training/pixel-source.ts';

export interface FeatureModel {
  readonly classifier: Network;
  readonly parameters: Float32Array;
  readonly normalization: Normalization;
  readonly pixels: PixelSource;
  /** Each image passes the dropout layers with a mask of its own that the seed fixes; null or not given: those layers do nothing. */
  readonly dropout?: { readonly seed: number } | null;
}

export interface FeatureTarget {
  /** Row of the pixel source. */
  readonly row: number;
  readonly classIndex: number;
}

/** What is kept of an image beside its features: 1 − p_y, and the cross-entropy. */
export const sideColumns = ['residuals', 'losses'] as const;

/** The margin log p/(1 − p) of each image from its loss and residual; finite where p rounds to one. */
export function marginsFrom(losses: Float32Array, residuals: Float32Array): Float64Array {
  return Float64Array.from(losses, (loss, row) => -loss - Math.log(Math.max(residuals[row]!, 1e-30)));
}

type ComputedFeatures = Omit<FeatureOptions, 'batchSize' | 'profile' | 'masked'>;

const LARGEST_BATCH = 128;
const LARGEST_FORWARD_BATCH = 256;
/** A batch's full gradients are to take about this much at most. */
const GRADIENT_BYTES = 256 * 2 ** 20;

interface OpenProgram {
  readonly batchSize: number;
  readonly program: Program;
  readonly session: Session;
  readonly reader: BatchReader;
}

/** Keeps a session open over many calls; the weights are part of it. */
export class FeatureComputer {
  readonly #executor: Executor;
  readonly #model: FeatureModel;
  readonly #options: ComputedFeatures;
  #batchSize: number;
  #open: OpenProgram | null = null;

  constructor(executor: Executor, model: FeatureModel, options: ComputedFeatures) {
    this.#executor = executor;
    this.#model = model;
    this.#options = options;
    const fitting = Math.floor(GRADIENT_BYTES / (4 * model.classifier.parameterCount));
    this.#batchSize =
      options.outputFunction === 'none'
        ? LARGEST_FORWARD_BATCH
        : Math.min(LARGEST_BATCH, Math.max(1, fitting));
  }

  /** k: the length of a row; 0 where the output function is 'none'. */
  async columns(): Promise<number> {
    const { program } = await this.#opened(this.#batchSize);
    return program.outputs.get('features')?.shape[1] ?? 0;
  }

  /** Features of these images with these classes as targets, in order. */
  async compute(targets: readonly FeatureTarget[], signal?: CancelSignal): Promise<FeatureRows> {
    const columns = await this.columns();
    const rows = {
      features: new Float32Array(targets.length * columns),
      side: { residuals: new Float32Array(targets.length), losses: new Float32Array(targets.length) },
    };
    await halvingBatches(this.#batchSize, 'Attribution', async (size) => {
      this.#batchSize = size;
      const open = await this.#opened(size);
      for (let from = 0; from < targets.length; from += size) {
        throwIfCancelled(signal);
        await this.#computeBatch(open, targets.slice(from, from + size), from, rows);
      }
    });
    return rows;
  }

  async dispose(): Promise<void> {
    await this.#open?.session.dispose();
    this.#open = null;
  }

  async #computeBatch(
    { batchSize, session, reader }: OpenProgram,
    targets: readonly FeatureTarget[],
    from: number,
    rows: FeatureRows,
  ): Promise<void> {
    const { classifier, dropout = null } = this.#model;
    const classCount = classifier.outputCount;
    const oneHot = new Float32Array(batchSize * classCount);
    // Rows past the end get some class too: every row must be a legal one, and what comes out of them is not read.
    for (let place = 0; place < batchSize; place++)
      oneHot[place * classCount + (targets[place]?.classIndex ?? 0)] = 1;
    const imageRows = Int32Array.from(targets, (target) => target.row);
    const images = reader.read(imageRows);
    const masks = dropout === null ? {} : drawKeyedMasks(classifier, batchSize, dropout.seed, imageRows);
    const columns = rows.features.length / rows.side['losses']!.length;
    const fetched = await session.run(
      {
        images: float32(imageShape(classifier, batchSize), images),
        targets: float32([batchSize, classCount], oneHot),
        ...masks,
      },
      [...(columns === 0 ? [] : ['features']), ...sideColumns],
    );
    const place = (name: string, into: Float32Array, width: number): void => {
      const data = fetched[name]!.data as Float32Array;
      into.set(data.subarray(0, targets.length * width), from * width);
    };
    if (columns > 0) place('features', rows.features, columns);
    for (const name of sideColumns) place(name, rows.side[name]!, 1);
  }

  async #opened(batchSize: number): Promise<OpenProgram> {
    if (this.#open?.batchSize === batchSize) return this.#open;
    await this.dispose();
    const { classifier, parameters, pixels, normalization, dropout = null } = this.#model;
    assert(pixels.size === classifier.inputShape[1], 'the pixels have the size that the model wants');
    const program = featureProgram(classifier, parameters, {
      ...this.#options,
      masked: dropout !== null,
      batchSize,
      profile: this.#executor.profile,
    });
    const session = await this.#executor.open(program);
    this.#open = { batchSize, program, session, reader: new BatchReader(pixels, normalization, batchSize) };
    return this.#open;
  }
}
