/** @file A program that goes through labelled images batch by batch, and whose results add up. */
import { throwIfCancelled } from '../../../core/base/app-error.ts';
import type { CancelSignal } from '../../../core/base/cancel-signal.ts';
import type { Executor, Feeds, Fetches, Program, Session } from '../../../core/execution/executor.ts';
import { imageShape } from '../../../core/nn/network.ts';
import { elementCount, float32 } from '../../../core/tensor/tensor.ts';
import { halvingBatches } from '../../training/batch-size.ts';
import { BatchReader } from '../../training/batches.ts';
import type { FeatureModel, FeatureTarget } from '../compute-features.ts';

/** Feeds `images`, `targets` and `sampleWeights` (0 for the padding of a last batch) are given; what else the program wants goes in here. */
export type RunBatch = (more: Feeds) => Promise<Fetches>;

interface OpenProgram {
  readonly batchSize: number;
  readonly session: Session;
  readonly reader: BatchReader;
}

const LARGEST_BATCH = 256;
/** Pixels of a batch: what a network computes of them is some dozens of times as much. */
const BATCH_BYTES = 20e6;
/** What a program holds of a batch beside that is to take about this much at most. */
const LARGEST_HELD_BYTES = 256 * 2 ** 20;

/** Keeps its session open over many passes. */
export class BatchedProgram {
  readonly #executor: Executor;
  readonly #model: FeatureModel;
  readonly #build: (batchSize: number) => Program;
  #batchSize: number;
  #open: OpenProgram | null = null;

  /** `sampleBytes`: what the program holds of each image beside the network's own values; `largestBatch`: of no more images, where no pass has more. */
  constructor(
    executor: Executor,
    model: FeatureModel,
    build: (batchSize: number) => Program,
    sampleBytes = 0,
    largestBatch = LARGEST_BATCH,
  ) {
    this.#executor = executor;
    this.#model = model;
    this.#build = build;
    const pixels = BATCH_BYTES / (4 * elementCount(imageShape(model.classifier, 1)));
    const held = sampleBytes === 0 ? Infinity : LARGEST_HELD_BYTES / sampleBytes;
    this.#batchSize = Math.max(1, Math.floor(Math.min(LARGEST_BATCH, largestBatch, pixels, held)));
  }

  /** One pass: `add` runs once a batch. Where memory does not suffice it begins again, from a new `start`, with smaller batches. */
  pass<Sum>(
    targets: readonly FeatureTarget[],
    start: () => Sum,
    add: (sum: Sum, run: RunBatch) => Promise<void>,
    signal?: CancelSignal,
  ): Promise<Sum> {
    return halvingBatches(this.#batchSize, 'Curvature', async (size) => {
      this.#batchSize = size;
      const open = await this.#opened(size);
      const sum = start();
      for (let from = 0; from < targets.length; from += size) {
        throwIfCancelled(signal);
        const feeds = this.#feeds(open, targets.slice(from, from + size));
        await add(sum, (more) => open.session.run({ ...feeds, ...more }));
      }
      return sum;
    });
  }

  async dispose(): Promise<void> {
    await this.#open?.session.dispose();
    this.#open = null;
  }

  #feeds({ batchSize, reader }: OpenProgram, targets: readonly FeatureTarget[]): Feeds {
    const { classifier } = this.#model;
    const classCount = classifier.outputCount;
    const oneHot = new Float32Array(batchSize * classCount);
    const weights = new Float32Array(batchSize);
    for (let place = 0; place < batchSize; place++) {
      oneHot[place * classCount + (targets[place]?.classIndex ?? 0)] = 1;
      weights[place] = place < targets.length ? 1 : 0;
    }
    const images = reader.read(Int32Array.from(targets, (target) => target.row));
    return {
      images: float32(imageShape(classifier, batchSize), images),
      targets: float32([batchSize, classCount], oneHot),
      sampleWeights: float32([batchSize], weights),
    };
  }

  async #opened(batchSize: number): Promise<OpenProgram> {
    if (this.#open?.batchSize === batchSize) return this.#open;
    await this.dispose();
    const { pixels, normalization } = this.#model;
    const session = await this.#executor.open(this.#build(batchSize));
    this.#open = { batchSize, session, reader: new BatchReader(pixels, normalization, batchSize) };
    return this.#open;
  }
}
