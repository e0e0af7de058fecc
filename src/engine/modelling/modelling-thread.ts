/** @file Looking into a model file in a thread of its own. */
import { Worker } from 'node:worker_threads';
import { AppError, CancelledError, type ErrorDetails } from '../../core/base/app-error.ts';
import type { CancelSignal } from '../../core/base/cancel-signal.ts';
import type { ErrorCode } from '../../core/base/error-catalogue.ts';
import type { DenoiserChoices } from '../../contract/denoiser-choices.ts';
import type { ModelChoices } from '../../contract/model-choices.ts';
import { ModelReport, type ModelCheckRequest } from '../../contract/models-service.ts';
import { EvaluateConfig, EvaluateDenoiserConfig } from '../../contract/runs-service.ts';
import type { DenoiserFiles } from '../generating/add-denoiser.ts';
import { workerEntry } from '../worker-entry.ts';

export type ModellingTask =
  | { readonly kind: 'check'; readonly request: ModelCheckRequest }
  | {
      readonly kind: 'add';
      readonly projectPath: string;
      readonly path: string;
      readonly choices: ModelChoices;
    }
  | (DenoiserFiles & {
      readonly kind: 'add-denoiser';
      readonly projectPath: string;
      readonly choices: DenoiserChoices;
    });

export type ModellingAnswer =
  { readonly result: unknown } | { readonly code: ErrorCode; readonly details: ErrorDetails };

/** `checkModel` there. */
export async function checkInThread(request: ModelCheckRequest, signal: CancelSignal): Promise<ModelReport> {
  return ModelReport.parse(await perform({ kind: 'check', request }, signal));
}

/** `addModel` there. */
export async function addInThread(
  task: Omit<Extract<ModellingTask, { kind: 'add' }>, 'kind'>,
  signal: CancelSignal,
): Promise<EvaluateConfig> {
  return EvaluateConfig.parse(await perform({ kind: 'add', ...task }, signal));
}

/** `addDenoiser` there. */
export async function addDenoiserInThread(
  task: Omit<Extract<ModellingTask, { kind: 'add-denoiser' }>, 'kind'>,
  signal: CancelSignal,
): Promise<EvaluateDenoiserConfig> {
  return EvaluateDenoiserConfig.parse(await perform({ kind: 'add-denoiser', ...task }, signal));
}

function perform(task: ModellingTask, signal: CancelSignal): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(workerEntry('modelling-worker', import.meta.url), { workerData: task });
    worker.once('message', (answer: ModellingAnswer) => {
      if ('code' in answer) reject(new AppError(answer.code, answer.details));
      else resolve(answer.result);
    });
    worker.once('error', reject);
    signal.addEventListener('abort', () => void worker.terminate());
    // After an answer this changes nothing.
    worker.once('exit', () =>
      reject(signal.aborted ? new CancelledError() : new Error('the thread ended without an answer')),
    );
  });
}
