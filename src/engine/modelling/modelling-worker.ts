/** @file The entry of the worker thread that looks into one model file: large ones take seconds, and the engine has to keep answering. */
import { parentPort, workerData } from 'node:worker_threads';
import { AppError } from '../../core/base/app-error.ts';
import { present } from '../../core/base/assert.ts';
import { addDenoiser } from '../generating/add-denoiser.ts';
import { openProjectFolder } from '../storage/project-folder.ts';
import { addModel } from './add-model.ts';
import { checkModel } from './check-model.ts';
import type { ModellingAnswer, ModellingTask } from './modelling-thread.ts';

const port = present(parentPort, 'the port of the worker');
port.postMessage(answer(workerData as ModellingTask));

function answer(task: ModellingTask): ModellingAnswer {
  try {
    return { result: task.kind === 'check' ? checkModel(task.request) : add(task) };
  } catch (error) {
    // Other errors end the thread, and whoever waits for it hears of them.
    if (!(error instanceof AppError)) throw error;
    return { code: error.code, details: error.details };
  }
}

function add(task: Exclude<ModellingTask, { kind: 'check' }>): unknown {
  const folder = openProjectFolder(task.projectPath);
  try {
    return task.kind === 'add'
      ? addModel(folder, task.path, task.choices)
      : addDenoiser(folder, task, task.choices);
  } finally {
    folder.close();
  }
}
