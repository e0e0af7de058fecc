/** @file Saved views of the grid. */
import type { Handlers } from '../../contract/service.ts';
import type { views } from '../../contract/views-service.ts';
import { listViews, removeView, saveView, updateView } from '../storage/views.ts';
import type { EngineContext } from './engine-context.ts';

export function makeViewsHandlers(context: EngineContext): Handlers<typeof views> {
  /** Every window lists what one of them changed. */
  const announced = <Result>(change: () => Result): Result => {
    const result = change();
    context.project.announceViews();
    return result;
  };
  return {
    list: () => listViews(context.project.connection),
    save: (content) => announced(() => saveView(context.project.connection, content)),
    update: ({ id, name, filter, order }) =>
      announced(() =>
        updateView(context.project.connection, id, {
          ...(name === undefined ? {} : { name }),
          ...(filter === undefined ? {} : { filter }),
          ...(order === undefined ? {} : { order }),
        }),
      ),
    remove: ({ id }) =>
      announced(() => {
        removeView(context.project.connection, id);
        return null;
      }),
  };
}
