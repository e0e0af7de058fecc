/** @file What the queue and its worker thread say to each other. */
import type { RunPlan } from '../../contract/runs-service.ts';
import type { RunId } from '../../contract/vocabulary.ts';
import type { ErrorCode } from '../../core/base/error-catalogue.ts';
import type { ComputeLimits } from '../runtime/compute-limits.ts';
import type { RunSummary } from './run-context.ts';

export interface WorkerStart {
  readonly folderPath: string;
}

export type ToWorker =
  | {
      readonly type: 'run';
      readonly runId: RunId;
      readonly plan: RunPlan;
      readonly limits: ComputeLimits;
    }
  | { readonly type: 'cancel'; readonly runId: RunId }
  /** A self-test that the worker asked for is over; `problem` as `StartSelfTest` answers it. */
  | { readonly type: 'self-test-ended'; readonly problem: string | null }
  /** Abort what runs, close everything, leave. */
  | { readonly type: 'stop' };

export interface WorkerProgress {
  readonly type: 'progress';
  readonly runId: RunId;
  readonly stage: string;
  readonly fraction: number | null;
  readonly figures: Record<string, number>;
}

export type FromWorker =
  | WorkerProgress
  /** Something of the run's row other than its progress. */
  | { readonly type: 'changed'; readonly runId: RunId }
  | {
      readonly type: 'start-self-test';
      readonly runId: RunId;
      readonly args: readonly string[];
      readonly patienceMs: number;
    }
  | { readonly type: 'finished'; readonly runId: RunId; readonly summary: RunSummary }
  | { readonly type: 'cancelled'; readonly runId: RunId }
  | { readonly type: 'failed'; readonly runId: RunId; readonly code: ErrorCode; readonly message: string };
