/** @file What a piece of long work is given by whoever runs it: its id, the wish to stop, and where to report. */
import type { RunId } from '../../contract/vocabulary.ts';

/** Final figures of a run, as its row keeps them. */
export type RunSummary = Record<string, number | string | null>;

export interface RunContext {
  readonly runId: RunId;
  /** Aborted when somebody cancels; work looks at it at least once a batch and throws `CancelledError`. */
  readonly signal: AbortSignal;
  /**
   * Says how far the work is: `stage` for a person ('Epoch 3 of 12'), `fraction` of the whole run (0…1, null where the end
   * is not known), the newest figures. May be called as often as is convenient: the queue passes on at most ten a second.
   */
  progress(stage: string, fraction: number | null, figures?: Record<string, number>): void;
}
