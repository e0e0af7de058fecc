/** @file A program over any number of images, batch by batch, whose session stays open from one call to the next. */
import { throwIfCancelled } from '../../core/base/app-error.ts';
import type { CancelSignal } from '../../core/base/cancel-signal.ts';
import type { Executor, Program, Session } from '../../core/execution/executor.ts';
import { float32, type Shape } from '../../core/tensor/tensor.ts';
import { halvingBatches } from '../training/batch-size.ts';

export interface BatchedWork {
  /** For a person, where there is no memory for it. */
  readonly what: string;
  readonly largestBatch: number;
  /** Of one image. */
  readonly shape: Shape;
  /** Feeds: `given` [N, …shape]. Fetches: `said` [N, …]. */
  readonly compile: (batchSize: number) => Program;
}

export class BatchedProgram {
  readonly #executor: Executor;
  readonly #work: BatchedWork;
  #batchSize: number;
  #open: { readonly batchSize: number; readonly session: Session } | null = null;

  constructor(executor: Executor, work: BatchedWork) {
    this.#executor = executor;
    this.#work = work;
    this.#batchSize = work.largestBatch;
  }

  /** What the program says of each of these. */
  run(given: readonly Float32Array[], signal?: CancelSignal): Promise<Float32Array[]> {
    return halvingBatches(this.#batchSize, this.#work.what, async (batchSize) => {
      this.#batchSize = batchSize;
      const session = await this.#opened(batchSize);
      const answers: Float32Array[] = [];
      for (let from = 0; from < given.length; from += batchSize) {
        throwIfCancelled(signal);
        const some = given.slice(from, from + batchSize);
        const length = some[0]!.length;
        const batch = new Float32Array(batchSize * length);
        for (const [place, one] of some.entries()) batch.set(one, place * length);
        const { said } = await session.run({ given: float32([batchSize, ...this.#work.shape], batch) });
        const numbers = said!.data as Float32Array;
        const each = numbers.length / batchSize;
        for (const place of some.keys()) answers.push(numbers.slice(place * each, (place + 1) * each));
      }
      return answers;
    });
  }

  async dispose(): Promise<void> {
    await this.#open?.session.dispose();
    this.#open = null;
  }

  async #opened(batchSize: number): Promise<Session> {
    if (this.#open?.batchSize === batchSize) return this.#open.session;
    await this.dispose();
    const session = await this.#executor.open(this.#work.compile(batchSize));
    this.#open = { batchSize, session };
    return session;
  }
}
