/** @file Giving tags to images and taking them, with a word on what happened. */
import { countSamples, type SampleSet } from '../../../contract/sample-set.ts';
import type { TagId } from '../../../contract/vocabulary.ts';
import { formatQuantity } from '../../format/numbers.ts';
import type { App } from '../../state/app.svelte.ts';

export function askForTag(app: App, images: SampleSet = app.selection.images): void {
  if (countSamples(images) > 0) app.overlays.askForTag(images);
}

export async function giveTag(app: App, images: SampleSet, name: string): Promise<void> {
  const change = await app.tags.give(images, name);
  if (change !== null)
    app.toasts.info(`Tagged ${formatQuantity(change.changed, 'image')} ${change.tag.name}`);
}

export async function takeTag(app: App, images: SampleSet, tagId: TagId): Promise<void> {
  const change = await app.tags.take(images, tagId);
  if (change !== null)
    app.toasts.info(`Took the tag ${change.tag.name} from ${formatQuantity(change.changed, 'image')}`);
}
