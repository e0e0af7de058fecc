/** @file Chosen subsets: listed, named, handed on, taken away. */
import type { Handlers } from '../../contract/service.ts';
import type { subsets } from '../../contract/subsets-service.ts';
import { exportSubset } from '../exporting/export-subset.ts';
import { listSubsets, removeSubset, renameSubset } from '../storage/subsets.ts';
import type { EngineContext } from './engine-context.ts';

export function makeSubsetsHandlers(context: EngineContext): Handlers<typeof subsets> {
  const tell = (): null => {
    context.emit('subsets', 'changed', null);
    return null;
  };
  return {
    list: () => listSubsets(context.project.connection),
    rename: ({ id, name }) => {
      renameSubset(context.project.connection, id, name);
      return tell();
    },
    remove: ({ id }) => {
      removeSubset(context.project.connection, id);
      return tell();
    },
    export: (request) => exportSubset(context.project.folder, request),
  };
}
