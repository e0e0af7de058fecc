/** @file Flagging the training image that evidence points to: the same from a key, a button and the menu. */
import type { SampleId } from '../../../contract/vocabulary.ts';
import type { App } from '../../state/app.svelte.ts';
import type { CulpritOrigin } from '../../state/culprits.svelte.ts';

export function flagCulprit(app: App, id: SampleId, origin: CulpritOrigin): void {
  void app.culprits.flag(id, origin, () => showCulprits(app));
}

export function showCulprits(app: App): void {
  app.culprits.show();
  app.route.go('browse');
}
