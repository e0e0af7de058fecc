/** @file The project's models: what there is, what a file would be good for, and taking one in. */
import type { models } from '../../contract/models-service.ts';
import type { Handlers } from '../../contract/service.ts';
import { addDenoiserInThread, addInThread, checkInThread } from '../modelling/modelling-thread.ts';
import { listSheets } from '../generating/sheets.ts';
import { countConfusion } from '../storage/confusion.ts';
import { listModels } from '../storage/models.ts';
import type { EngineContext } from './engine-context.ts';

export function makeModelsHandlers(context: EngineContext): Handlers<typeof models> {
  return {
    list: () => listModels(context.project.connection, (runId) => listSheets(context.project.folder, runId)),
    confusion: (request) => countConfusion(context.project.connection, request),
    check: (request, signal) => checkInThread(request, signal),
    add: async ({ path, choices }, signal) => {
      const { folder, queue } = context.project;
      const config = await addInThread({ projectPath: folder.path, path, choices }, signal);
      return queue.start({ kind: 'evaluate', config });
    },
    importDenoiser: async (request, signal) => {
      const { folder, queue } = context.project;
      const config = await addDenoiserInThread({ projectPath: folder.path, ...request }, signal);
      return queue.start({ kind: 'evaluate-denoiser', config });
    },
  };
}
