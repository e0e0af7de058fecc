/** @file The worker's side of the run queue: takes one run at a time, reports, listens for cancel. */
import type { MessagePort } from 'node:worker_threads';
import { AppError, CancelledError } from '../../core/base/app-error.ts';
import type { RunPlan } from '../../contract/runs-service.ts';
import type { RunId } from '../../contract/vocabulary.ts';
import { logBug } from '../log.ts';
import type { ComputeLimits } from '../runtime/compute-limits.ts';
import type { StartSelfTest } from '../runtime/run-self-test.ts';
import type { RunContext, RunSummary } from './run-context.ts';
import type { FromWorker, ToWorker, WorkerProgress } from './worker-messages.ts';

/** Progress crosses the thread at most this often: ten times a second. */
const PROGRESS_INTERVAL_MS = 100;

/** What the process around the worker does for it. */
export interface RunHost {
  /** Shows a person what has changed in the run's row. */
  announce(): void;
  readonly startSelfTest: StartSelfTest;
  readonly limits: ComputeLimits;
}

type RunMessage = Extract<ToWorker, { type: 'run' }>;

export type ExecuteRun = (plan: RunPlan, context: RunContext, host: RunHost) => Promise<RunSummary>;

/** Executes the runs that arrive on `port` until it is told to stop; then calls `close`. */
export function serveRuns(port: MessagePort, execute: ExecuteRun, close: () => void): void {
  let current: { readonly runId: RunId; readonly abort: AbortController } | null = null;
  let stopping = false;
  let selfTestEnded: (problem: string | null) => void = () => undefined;
  const post = (message: FromWorker): void => {
    port.postMessage(message);
  };
  const leave = (): void => {
    port.close();
    close();
  };
  const run = async ({ runId, plan, limits }: RunMessage): Promise<void> => {
    const abort = new AbortController();
    current = { runId, abort };
    const progress = new ProgressGate(post);
    const context: RunContext = {
      runId,
      signal: abort.signal,
      progress: (stage, fraction, figures = {}) => {
        progress.offer({ type: 'progress', runId, stage, fraction, figures });
      },
    };
    const host: RunHost = {
      limits,
      announce: () => post({ type: 'changed', runId }),
      startSelfTest: (args, patienceMs) => {
        post({ type: 'start-self-test', runId, args, patienceMs });
        return new Promise((settle, refuse) => {
          selfTestEnded = settle;
          abort.signal.addEventListener('abort', () => refuse(new CancelledError()), { once: true });
        });
      },
    };
    try {
      const summary = await execute(plan, context, host);
      progress.end();
      post({ type: 'finished', runId, summary });
    } catch (error) {
      progress.end();
      post(toOutcome(runId, error, plan.kind));
    }
    current = null;
    if (stopping) leave();
  };
  port.on('message', (message: ToWorker) => {
    if (message.type === 'run') void run(message);
    else if (message.type === 'self-test-ended') selfTestEnded(message.problem);
    else if (message.type === 'cancel') {
      if (current?.runId === message.runId) current.abort.abort();
    } else {
      stopping = true;
      if (current === null) leave();
      else current.abort.abort();
    }
  });
}

function toOutcome(runId: RunId, error: unknown, kind: string): FromWorker {
  if (error instanceof CancelledError) return { type: 'cancelled', runId };
  if (error instanceof AppError) return { type: 'failed', runId, code: error.code, message: error.message };
  logBug(error, `run ${kind}`);
  const reason = error instanceof Error ? error.message : String(error);
  return { type: 'failed', runId, code: 'internal', message: new AppError('internal', { reason }).message };
}

/** Lets the newest report through at most ten times a second; the last of a burst is never lost. */
class ProgressGate {
  readonly #post: (message: WorkerProgress) => void;
  #postedMs = -Infinity;
  #held: WorkerProgress | null = null;
  #timer: NodeJS.Timeout | null = null;

  constructor(post: (message: WorkerProgress) => void) {
    this.#post = post;
  }

  offer(message: WorkerProgress): void {
    this.#held = message;
    const waitMs = this.#postedMs + PROGRESS_INTERVAL_MS - performance.now();
    if (waitMs <= 0) this.#flush();
    else this.#timer ??= setTimeout(() => this.#flush(), waitMs);
  }

  end(): void {
    this.#flush();
  }

  #flush(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    if (this.#held === null) return;
    this.#post(this.#held);
    this.#held = null;
    this.#postedMs = performance.now();
  }
}
