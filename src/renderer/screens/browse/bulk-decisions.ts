/** @file Decisions about everything that is selected. */
import { containsSamples } from '../../../contract/sample-set.ts';
import { formatQuantity } from '../../format/numbers.ts';
import type { App } from '../../state/app.svelte.ts';

export function askForRelabel(app: App): void {
  const count = app.selection.size;
  if (count === 0) return;
  app.overlays.askForClass(`New label for ${formatQuantity(count, 'image')}`, (label) => {
    void relabelSelection(app, label);
  });
}

export async function keepSelection(app: App): Promise<void> {
  const { size, images } = app.selection;
  if (size > 0 && (await app.labels.decide(images, 'keep')))
    app.toasts.info(`Kept the label of ${formatQuantity(size, 'image')}`);
}

/** Whether everything that is selected is left out of trainings by now. */
export function isSelectionExcluded({ selection, exclusions }: App): boolean {
  return selection.size > 0 && containsSamples(exclusions.images, selection.images);
}

/** Leaves what is selected out of trainings; where all of it is left out already, lets it in again. */
export async function excludeSelection(app: App): Promise<void> {
  if (app.selection.size === 0) return;
  const excluded = !isSelectionExcluded(app);
  const changed = await app.exclusions.set(app.selection.images, excluded);
  if (changed === null) return;
  const images = formatQuantity(changed, 'image');
  app.toasts.info(excluded ? `Excluded ${images} from trainings` : `Included ${images} again`);
}

async function relabelSelection(app: App, label: Parameters<App['project']['className']>[0]): Promise<void> {
  const { size, images } = app.selection;
  if (size > 0 && (await app.labels.decide(images, 'other', label)))
    app.toasts.info(`Labelled ${formatQuantity(size, 'image')} ${app.project.className(label)}`);
}
