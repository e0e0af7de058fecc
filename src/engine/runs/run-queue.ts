/**
 * @file The queue of long work. Runs are rows in SQLite; one worker thread executes one of them at a time, because a native
 * inference call blocks the thread that makes it, and the engine's main thread must keep answering.
 */
import { Worker } from 'node:worker_threads';
import { AppError } from '../../core/base/app-error.ts';
import type { Run, RunPlan, RunProgress } from '../../contract/runs-service.ts';
import type { RunId } from '../../contract/vocabulary.ts';
import { logBug } from '../log.ts';
import { computeLimits, type ComputeLimits } from '../runtime/compute-limits.ts';
import { startNodeSelfTest, type StartSelfTest } from '../runtime/run-self-test.ts';
import { openProjectFolder, type ProjectFolder } from '../storage/project-folder.ts';
import * as rows from '../storage/runs.ts';
import { interruptDeadRuns } from './dead-runs.ts';
import { workerEntry } from '../worker-entry.ts';
import { TimeLeft } from './time-left.ts';
import { softwareVersions } from './versions.ts';
import type { FromWorker, ToWorker, WorkerProgress, WorkerStart } from './worker-messages.ts';

const PERSIST_INTERVAL_MS = 1_000;
const HEARTBEAT_INTERVAL_MS = 10_000;
/** A worker that is told to stop gets this long to reach the end of a batch. */
const STOP_PATIENCE_MS = 10_000;

export interface RunQueueOptions {
  /** The worker's entry; by default the one that belongs to this build. */
  readonly workerUrl?: URL;
  /** By default a child of Node. */
  readonly startSelfTest?: StartSelfTest;
  /** Asked when a run begins; by default what suits the machine. */
  readonly limits?: () => ComputeLimits;
}

interface Current {
  readonly runId: RunId;
  readonly timeLeft: TimeLeft;
  progress: RunProgress | null;
  persisted: RunProgress | null;
}

type Listener<T> = (payload: T) => void;

export class RunQueue {
  readonly #folder: ProjectFolder;
  readonly #workerUrl: URL;
  readonly #startSelfTest: StartSelfTest;
  readonly #limits: () => ComputeLimits;
  readonly #waiting: RunId[] = [];
  readonly #progressListeners = new Set<Listener<RunProgress>>();
  readonly #changedListeners = new Set<Listener<Run>>();
  readonly #timer: NodeJS.Timeout;
  #idleWaiters: (() => void)[] = [];
  #worker: Worker | null = null;
  #current: Current | null = null;
  #heartbeatMs = 0;
  #disposed = false;

  constructor(folderPath: string, options: RunQueueOptions = {}) {
    this.#folder = openProjectFolder(folderPath);
    this.#workerUrl = options.workerUrl ?? workerEntry('run-worker', import.meta.url);
    this.#startSelfTest = options.startSelfTest ?? startNodeSelfTest;
    this.#limits = options.limits ?? (() => computeLimits({ threads: 0, memoryMib: 0 }));
    interruptDeadRuns(this.#folder.connection);
    this.#timer = setInterval(() => this.#persistUnlessLocked(), PERSIST_INTERVAL_MS);
    this.#timer.unref();
  }

  /** Queues the work and answers its id at once. */
  start(plan: RunPlan): RunId {
    const runId = rows.insertRun(this.#folder.connection, plan, {
      ...ownership(),
      versions: softwareVersions(),
    });
    this.#enqueue(runId);
    return runId;
  }

  /** Asks a run to stop; a run that has ended already is left as it is. */
  cancel(runId: RunId): void {
    const run = rows.readRun(this.#folder.connection, runId);
    const place = this.#waiting.indexOf(runId);
    if (place >= 0) {
      this.#waiting.splice(place, 1);
      rows.markRunStopped(this.#folder.connection, runId, 'cancelled');
      this.#announce(runId);
      this.#pump();
    } else if (this.#current?.runId === run.id) this.#post({ type: 'cancel', runId });
  }

  /** Goes on with a run that stopped short, with the arguments it was started with. */
  resume(runId: RunId): RunId {
    const { status } = rows.readRun(this.#folder.connection, runId);
    if (status !== 'interrupted' && status !== 'cancelled' && status !== 'failed')
      throw new AppError('run-not-resumable', { runId, status });
    rows.addRunProvenance(this.#folder.connection, runId, ownership());
    rows.markRunQueued(this.#folder.connection, runId);
    this.#enqueue(runId);
    return runId;
  }

  /** At most ten reports a second. Answers how to stop listening. */
  onProgress(listener: Listener<RunProgress>): () => void {
    this.#progressListeners.add(listener);
    return () => this.#progressListeners.delete(listener);
  }

  /** Every change of a run's state. Answers how to stop listening. */
  onChanged(listener: Listener<Run>): () => void {
    this.#changedListeners.add(listener);
    return () => this.#changedListeners.delete(listener);
  }

  /** Settles once nothing is queued or running. */
  idle(): Promise<void> {
    if (this.#current === null && this.#waiting.length === 0) return Promise.resolve();
    return new Promise((settle) => this.#idleWaiters.push(settle));
  }

  /** Stops the worker. What was queued or running becomes interrupted: it can be resumed when the project is open again. */
  async dispose(): Promise<void> {
    if (this.#disposed) return;
    this.#disposed = true;
    clearInterval(this.#timer);
    await this.#stopWorker();
    const unfinished = [...(this.#current === null ? [] : [this.#current.runId]), ...this.#waiting];
    for (const runId of unfinished) {
      rows.markRunStopped(this.#folder.connection, runId, 'interrupted');
      this.#announce(runId);
    }
    this.#current = null;
    this.#waiting.length = 0;
    this.#releaseIdle();
    this.#folder.close();
  }

  #enqueue(runId: RunId): void {
    this.#waiting.push(runId);
    this.#announce(runId);
    this.#pump();
  }

  /** Hands the next run to the worker where it is free. */
  #pump(): void {
    if (this.#disposed || this.#current !== null) return;
    const runId = this.#waiting.shift();
    if (runId === undefined) {
      this.#releaseIdle();
      return;
    }
    this.#current = { runId, timeLeft: new TimeLeft(), progress: null, persisted: null };
    rows.markRunRunning(this.#folder.connection, runId);
    this.#announce(runId);
    const plan = rows.readRunPlan(this.#folder.connection, runId);
    this.#post({ type: 'run', runId, plan, limits: this.#limitsOf(runId) });
  }

  /** A resumed run keeps its threads: with others its last digits would be others. It may be given more memory. */
  #limitsOf(runId: RunId): ComputeLimits {
    const { connection } = this.#folder;
    const { threads: pinned } = rows.readRunProvenance(connection, runId);
    const { threads, memoryBytes } = this.#limits();
    const limits = { threads: pinned ?? threads, memoryBytes };
    rows.addRunProvenance(connection, runId, limits);
    return limits;
  }

  #post(message: ToWorker): void {
    this.#worker ??= this.#startWorker();
    this.#worker.postMessage(message);
  }

  #startWorker(): Worker {
    const workerData: WorkerStart = { folderPath: this.#folder.path };
    const worker = new Worker(this.#workerUrl, { workerData });
    worker.on('message', (message: FromWorker) => this.#receive(message));
    let reason = 'it ended without an answer';
    worker.on('error', (error) => {
      reason = error instanceof Error ? error.message : String(error);
      logBug(error, 'run worker');
    });
    worker.on('exit', () => this.#workerEnded(worker, reason));
    return worker;
  }

  #receive(message: FromWorker): void {
    if (this.#current?.runId !== message.runId) return;
    if (message.type === 'progress') {
      this.#report(this.#current, message);
      return;
    }
    if (message.type === 'changed') {
      this.#announce(message.runId);
      return;
    }
    if (message.type === 'start-self-test') {
      void this.#startSelfTest(message.args, message.patienceMs).then((problem) =>
        this.#worker?.postMessage({ type: 'self-test-ended', problem } satisfies ToWorker),
      );
      return;
    }
    // While the queue closes, a run that obeyed the stop is interrupted, not cancelled: dispose marks it.
    if (this.#disposed && message.type === 'cancelled') return;
    this.#persist();
    const { connection } = this.#folder;
    if (message.type === 'finished') rows.markRunFinished(connection, message.runId, message.summary);
    else if (message.type === 'cancelled') rows.markRunStopped(connection, message.runId, 'cancelled');
    else rows.markRunStopped(connection, message.runId, 'failed', message);
    this.#settle(message.runId);
  }

  /** A worker that ended while it had a run has crashed: that run failed, the next one gets a new worker. */
  #workerEnded(worker: Worker, reason: string): void {
    if (this.#worker === worker) this.#worker = null;
    if (this.#disposed || this.#current === null) return;
    const { runId } = this.#current;
    const error = new AppError('run-worker-crashed', { runId, reason });
    rows.markRunStopped(this.#folder.connection, runId, 'failed', error);
    this.#settle(runId);
  }

  #settle(runId: RunId): void {
    this.#current = null;
    this.#announce(runId);
    this.#pump();
  }

  #report(current: Current, { stage, fraction, figures }: WorkerProgress): void {
    const secondsLeft = current.timeLeft.update(fraction);
    current.progress = { runId: current.runId, stage, fraction, secondsLeft, figures };
    for (const listener of this.#progressListeners) listener(current.progress);
  }

  /** About once a second: the newest progress into the row, and now and then a sign of life. */
  #persist(): void {
    const current = this.#current;
    if (current === null) return;
    if (current.progress !== null && current.progress !== current.persisted) {
      rows.writeRunProgress(this.#folder.connection, current.progress);
      current.persisted = current.progress;
    }
    if (performance.now() - this.#heartbeatMs < HEARTBEAT_INTERVAL_MS) return;
    this.#heartbeatMs = performance.now();
    for (const runId of [current.runId, ...this.#waiting])
      rows.addRunProvenance(this.#folder.connection, runId, ownership());
  }

  /** Another process may hold the database for long; the next second tries again, and no run fails for it. */
  #persistUnlessLocked(): void {
    try {
      this.#persist();
    } catch (error) {
      logBug(error, 'progress of a run');
    }
  }

  #announce(runId: RunId): void {
    const run = rows.readRun(this.#folder.connection, runId);
    for (const listener of this.#changedListeners) listener(run);
  }

  #releaseIdle(): void {
    const waiters = this.#idleWaiters;
    this.#idleWaiters = [];
    for (const settle of waiters) settle();
  }

  async #stopWorker(): Promise<void> {
    const worker = this.#worker;
    if (worker === null) return;
    const ended = new Promise<void>((settle) => worker.once('exit', () => settle()));
    this.#post({ type: 'stop' });
    const impatience = setTimeout(() => void worker.terminate(), STOP_PATIENCE_MS);
    await ended;
    clearTimeout(impatience);
  }
}

/** Who works on a run, and when that was last true. */
function ownership(): { processId: number; heartbeatMs: number } {
  return { processId: process.pid, heartbeatMs: Date.now() };
}
