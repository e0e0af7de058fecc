/** @file The entry of the worker thread: opens the project for itself and does the runs that the queue sends. */
import { parentPort, workerData } from 'node:worker_threads';
import { present } from '../../core/base/assert.ts';
import { openProjectFolder } from '../storage/project-folder.ts';
import { executePlan } from './execute-plan.ts';
import { serveRuns } from './serve-runs.ts';
import type { WorkerStart } from './worker-messages.ts';

const { folderPath } = workerData as WorkerStart;
const folder = openProjectFolder(folderPath);

serveRuns(
  present(parentPort, 'the port of the worker'),
  (plan, context, host) => executePlan(folder, plan, context, host),
  () => folder.close(),
);
