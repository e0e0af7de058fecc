/** @file Defining and removing groups: the same from buttons and the command palette. */
import type { GroupId } from '../../../contract/vocabulary.ts';
import type { App } from '../../state/app.svelte.ts';
import type { GroupSource } from '../../state/groups.svelte.ts';
import { chosenQueries } from '../generated/query-actions.ts';

export function defineGroups(app: App, source: GroupSource): void {
  app.groups.prepare(source);
  app.overlays.show('define-groups');
}

export function measureRemoval(app: App, groupId: GroupId): void {
  app.groupAttributions.prepareRemoval(groupId, chosenQueries(app));
  app.overlays.show('measure-removal');
}

export async function showInBrowse(app: App, groupId: GroupId): Promise<void> {
  if (await app.groups.select(groupId)) app.route.go('browse');
}
