/** @file Decisions about many images: those that are named, or everything that is selected. */
import { containsSamples, countSamples, type SampleSet } from '../../../contract/sample-set.ts';
import type { ClassId } from '../../../contract/vocabulary.ts';
import { formatQuantity } from '../../format/numbers.ts';
import type { App } from '../../state/app.svelte.ts';

export function askForRelabel(app: App, images: SampleSet = app.selection.images): void {
  const count = countSamples(images);
  if (count === 0) return;
  app.overlays.askForClass(`New label for ${formatQuantity(count, 'image')}`, (label) => {
    void relabel(app, images, label);
  });
}

export async function keepLabels(app: App, images: SampleSet = app.selection.images): Promise<void> {
  const count = countSamples(images);
  if (count > 0 && (await app.labels.decide(images, 'keep')))
    app.toasts.info(`Kept the label of ${formatQuantity(count, 'image')}`);
}

/** Whether all of these are left out of trainings by now. */
export function areExcluded({ exclusions }: App, images: SampleSet): boolean {
  return countSamples(images) > 0 && containsSamples(exclusions.images, images);
}

/** Whether everything that is selected is left out of trainings by now. */
export function isSelectionExcluded(app: App): boolean {
  return areExcluded(app, app.selection.images);
}

/** Leaves what is selected out of trainings; where all of it is left out already, lets it in again. */
export function excludeSelection(app: App): Promise<void> {
  return setExcluded(app, app.selection.images, !isSelectionExcluded(app));
}

export async function setExcluded(app: App, images: SampleSet, excluded: boolean): Promise<void> {
  if (countSamples(images) === 0) return;
  const changed = await app.exclusions.set(images, excluded);
  if (changed === null) return;
  const words = formatQuantity(changed, 'image');
  app.toasts.info(excluded ? `Excluded ${words} from trainings` : `Included ${words} again`);
}

async function relabel(app: App, images: SampleSet, label: ClassId): Promise<void> {
  if (await app.labels.decide(images, 'other', label))
    app.toasts.info(
      `Labelled ${formatQuantity(countSamples(images), 'image')} ${app.project.className(label)}`,
    );
}
