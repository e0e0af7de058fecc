/** @file Giving tags to images and taking them, with a word on what happened. */
import type { SampleId, TagId } from '../../../contract/vocabulary.ts';
import { formatQuantity } from '../../format/numbers.ts';
import type { App } from '../../state/app.svelte.ts';

export function askForTag(app: App, sampleIds: SampleId[] = app.selection.ids): void {
  if (sampleIds.length > 0) app.overlays.askForTag(sampleIds);
}

export async function giveTag(app: App, sampleIds: SampleId[], name: string): Promise<void> {
  const change = await app.tags.give(sampleIds, name);
  if (change !== null)
    app.toasts.info(`Tagged ${formatQuantity(change.changed, 'image')} ${change.tag.name}`);
}

export async function takeTag(app: App, sampleIds: SampleId[], tagId: TagId): Promise<void> {
  const change = await app.tags.take(sampleIds, tagId);
  if (change !== null)
    app.toasts.info(`Took the tag ${change.tag.name} from ${formatQuantity(change.changed, 'image')}`);
}
