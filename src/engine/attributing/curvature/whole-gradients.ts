/** @file Whole gradients of images as a stream: computed anew for every pass and never stored, because a row is as long as the model. */
import { throwIfCancelled } from '../../../core/base/app-error.ts';
import type { CancelSignal } from '../../../core/base/cancel-signal.ts';
import { makeMatrix, type Matrix } from '../../../core/linalg/matrix.ts';
import type { Executor } from '../../../core/execution/executor.ts';
import { FeatureComputer, type FeatureModel, type FeatureTarget } from '../compute-features.ts';

/** A block of gradients takes about this much at most. */
const BLOCK_BYTES = 128 * 2 ** 20;

/** As many rows of `columns` numbers as are held at a time. */
export function wholeRowsAtOnce(columns: number): number {
  return Math.max(1, Math.floor(BLOCK_BYTES / (4 * columns)));
}

/** Keeps one session open over many passes. */
export class WholeGradients {
  readonly #computer: FeatureComputer;
  readonly #columns: number;
  readonly #signal: CancelSignal;

  constructor(executor: Executor, model: FeatureModel, signal: CancelSignal) {
    this.#computer = new FeatureComputer(executor, model, {
      outputFunction: 'loss',
      projection: { kind: 'none', size: 0, seed: 0 },
    });
    this.#columns = model.classifier.parameterCount;
    this.#signal = signal;
  }

  /** Gradients of the loss at these images, [rows, p] each block, in order. */
  async *blocks(targets: readonly FeatureTarget[]): AsyncGenerator<Matrix> {
    const rows = wholeRowsAtOnce(this.#columns);
    for (let from = 0; from < targets.length; from += rows) {
      throwIfCancelled(this.#signal);
      yield await this.at(targets.slice(from, from + rows));
    }
  }

  /** The same of a few images together. */
  async at(targets: readonly FeatureTarget[]): Promise<Matrix> {
    const { features } = await this.#computer.compute(targets, this.#signal);
    return makeMatrix(targets.length, this.#columns, features);
  }

  dispose(): Promise<void> {
    return this.#computer.dispose();
  }
}
