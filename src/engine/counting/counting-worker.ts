/** @file The entry of the worker thread that counts over a large project, with a connection of its own. */
import { parentPort, workerData } from 'node:worker_threads';
import { AppError } from '../../core/base/app-error.ts';
import { present } from '../../core/base/assert.ts';
import { openProjectFolder, type ProjectFolder } from '../storage/project-folder.ts';
import { countingTasks, type CountingKind, type CountingRequests } from './counting-tasks.ts';
import type { CountingAnswer, CountingQuestion } from './counting.ts';

const port = present(parentPort, 'the port of the worker');
const folder = openProjectFolder((workerData as { readonly path: string }).path);
port.on('message', (question: CountingQuestion) => port.postMessage(answer(question)));

function answer({ id, kind, request }: CountingQuestion): CountingAnswer {
  try {
    const count = countingTasks[kind] as (folder: ProjectFolder, request: unknown) => unknown;
    return { id, result: count(folder, request satisfies CountingRequests[CountingKind]) };
  } catch (error) {
    // Other errors end the thread, and whoever waits for it hears of them.
    if (!(error instanceof AppError)) throw error;
    return { id, code: error.code, details: error.details };
  }
}
