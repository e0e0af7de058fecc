/** @file What can be asked about query images, and how they come: the same from buttons, keys and the command palette. */
import type { ModelId, QueryId } from '../../../contract/vocabulary.ts';
import type { App } from '../../state/app.svelte.ts';

export function makeImages(app: App, modelId: ModelId | null): void {
  app.generation.prepareMaking(modelId);
  app.overlays.show('make-images');
}

/** The desktop has a chooser of its own; a browser has to name a path. */
export function addImages(app: App): void {
  app.route.go('generated');
  if (app.connection.isDesktop) void app.queries.chooseFiles();
  else app.overlays.show('add-images');
}

export function traceToImages(app: App): void {
  const ids = chosenQueries(app);
  if (ids.length === 0) return;
  app.queryInfluence.prepare(makerOf(app, ids), ids);
  app.overlays.show('trace-images');
}

export function traceToGroups(app: App): void {
  if (app.queries.list.length === 0) return;
  const ids = chosenQueries(app);
  app.groupAttributions.prepare(makerOf(app, ids), ids);
  app.overlays.show('trace-groups');
}

/** The selected ones, else the one that is looked at. */
export function chosenQueries({ queries }: App): QueryId[] {
  if (queries.selection.size > 0) return queries.selection.ids;
  return queries.current === null ? [] : [queries.current.id];
}

/** The model that made them all; null where it is not one. */
function makerOf({ queries }: App, ids: readonly QueryId[]): ModelId | null {
  const makers = new Set(ids.map((id) => queries.byId(id)?.modelId ?? null));
  const [maker = null] = makers;
  return makers.size === 1 ? maker : null;
}
