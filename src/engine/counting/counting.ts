/**
 * @file Counting over the open project. A million images take a second for each look at all of them: a large project is counted in a thread of its own, so that
 * pictures, filters and decisions need not wait for the numbers beside them.
 */
import { Worker } from 'node:worker_threads';
import { AppError, CancelledError, type ErrorDetails } from '../../core/base/app-error.ts';
import type { ErrorCode } from '../../core/base/error-catalogue.ts';
import type { ProjectFolder } from '../storage/project-folder.ts';
import { lastSampleId } from '../storage/samples.ts';
import { workerEntry } from '../worker-entry.ts';
import {
  countingTasks,
  type CountingKind,
  type CountingRequests,
  type CountingResults,
} from './counting-tasks.ts';

/** Up to so many images are counted in a few milliseconds. */
const MOST_COUNTED_HERE = 30_000;

export interface CountingQuestion {
  readonly id: number;
  readonly kind: CountingKind;
  readonly request: CountingRequests[CountingKind];
}

export type CountingAnswer = { readonly id: number } & (
  { readonly result: unknown } | { readonly code: ErrorCode; readonly details: ErrorDetails }
);

interface Waiting {
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: Error) => void;
}

export class Counting {
  readonly #folder: ProjectFolder;
  readonly #waiting = new Map<number, Waiting>();
  #worker: Worker | null = null;
  #lastId = 0;

  constructor(folder: ProjectFolder) {
    this.#folder = folder;
  }

  /** Questions are answered one after the other. */
  async count<Kind extends CountingKind>(
    kind: Kind,
    request: CountingRequests[Kind],
  ): Promise<CountingResults[Kind]> {
    if (lastSampleId(this.#folder.connection) <= MOST_COUNTED_HERE)
      return countingTasks[kind](this.#folder, request);
    return (await this.#ask(kind, request)) as CountingResults[Kind];
  }

  /** Whoever waits hears that it was cancelled. */
  async dispose(): Promise<void> {
    const worker = this.#worker;
    this.#worker = null;
    this.#failAll(new CancelledError());
    await worker?.terminate();
  }

  #ask(kind: CountingKind, request: CountingRequests[CountingKind]): Promise<unknown> {
    const id = ++this.#lastId;
    const worker = (this.#worker ??= this.#start());
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      worker.postMessage({ id, kind, request } satisfies CountingQuestion);
    });
  }

  #start(): Worker {
    const { path } = this.#folder;
    const worker = new Worker(workerEntry('counting-worker', import.meta.url), { workerData: { path } });
    worker.on('message', (answer: CountingAnswer) => {
      const waiting = this.#waiting.get(answer.id);
      this.#waiting.delete(answer.id);
      if ('code' in answer) waiting?.reject(new AppError(answer.code, answer.details));
      else waiting?.resolve(answer.result);
    });
    worker.on('error', (error: Error) => {
      if (this.#worker === worker) this.#worker = null;
      this.#failAll(error);
    });
    return worker;
  }

  #failAll(error: Error): void {
    for (const { reject } of this.#waiting.values()) reject(error);
    this.#waiting.clear();
  }
}
