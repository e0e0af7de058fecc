/** @file Works through a list with a fixed number of items under way; results in the order of the items. */
import { throwIfCancelled } from '../../core/base/app-error.ts';
import type { CancelSignal } from '../../core/base/cancel-signal.ts';

export async function mapConcurrently<Item, Result>(
  items: readonly Item[],
  concurrency: number,
  work: (item: Item, index: number) => Promise<Result>,
  signal?: CancelSignal,
): Promise<Result[]> {
  const results = new Array<Result>(items.length);
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < items.length) {
      throwIfCancelled(signal);
      const index = next++;
      try {
        results[index] = await work(items[index]!, index);
      } catch (cause) {
        // The others start nothing more.
        next = items.length;
        throw cause;
      }
    }
  };
  const workers = Array.from({ length: Math.min(concurrency, items.length) }, worker);
  // All have stopped before the first failure is passed on: nothing writes after this function has answered.
  const outcomes = await Promise.allSettled(workers);
  for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason;
  return results;
}
