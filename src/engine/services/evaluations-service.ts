/** @file What was measured about the methods. */
import type { evaluations } from '../../contract/evaluations-service.ts';
import type { Handlers } from '../../contract/service.ts';
import { listEvaluations, removeEvaluation } from '../storage/evaluations.ts';
import type { EngineContext } from './engine-context.ts';

export function makeEvaluationsHandlers(context: EngineContext): Handlers<typeof evaluations> {
  return {
    list: ({ modelId }) => listEvaluations(context.project.connection, modelId),
    remove: ({ id }) => {
      removeEvaluation(context.project.connection, id);
      context.emit('evaluations', 'changed', undefined);
      return null;
    },
  };
}
