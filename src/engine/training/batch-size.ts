/** @file Work in batches that get smaller where memory does not suffice. */
import { AppError } from '../../core/base/app-error.ts';

/** Does `work` with this batch size, halved as often as memory runs out; `what` names it where even one does not fit. */
export async function halvingBatches<Result>(
  batchSize: number,
  what: string,
  work: (batchSize: number) => Promise<Result>,
): Promise<Result> {
  for (let size = batchSize; ; size = Math.ceil(size / 2)) {
    try {
      return await work(size);
    } catch (error) {
      const isExhausted = error instanceof AppError && error.code === 'memory-exhausted';
      if (!isExhausted) throw error;
      if (size === 1) throw new AppError('memory-exhausted', { what }, { cause: error });
    }
  }
}
