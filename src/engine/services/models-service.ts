/** @file The project's models: what there is, what a file would be good for, and taking one in. */
import type { models } from '../../contract/models-service.ts';
import type { Handlers } from '../../contract/service.ts';
import { addModel } from '../modelling/add-model.ts';
import { checkModel } from '../modelling/check-model.ts';
import { listModels } from '../storage/models.ts';
import type { EngineContext } from './engine-context.ts';

export function makeModelsHandlers(context: EngineContext): Handlers<typeof models> {
  return {
    list: () => listModels(context.project.connection),
    check: (request) => checkModel(request),
    add: ({ path, choices }) => {
      const { folder, queue } = context.project;
      return queue.start({ kind: 'evaluate', config: addModel(folder, path, choices) });
    },
  };
}
