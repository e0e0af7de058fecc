/** @file Decisions about everything that is selected. */
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
  const ids = app.selection.ids;
  if (await app.labels.decide(ids, 'keep')) {
    app.toasts.info(`Kept the label of ${formatQuantity(ids.length, 'image')}`);
  }
}

/** Whether everything that is selected is left out of trainings by now. */
export function isSelectionExcluded({ selection, exclusions }: App): boolean {
  if (selection.size === 0 || selection.size > exclusions.ids.size) return false;
  return selection.ids.every((id) => exclusions.has(id));
}

/** Leaves what is selected out of trainings; where all of it is left out already, lets it in again. */
export async function excludeSelection(app: App): Promise<void> {
  const ids = app.selection.ids;
  if (ids.length === 0) return;
  const excluded = !isSelectionExcluded(app);
  const changed = await app.exclusions.set(ids, excluded);
  if (changed === null) return;
  const images = formatQuantity(changed, 'image');
  app.toasts.info(excluded ? `Excluded ${images} from trainings` : `Included ${images} again`);
}

async function relabelSelection(app: App, label: Parameters<App['project']['className']>[0]): Promise<void> {
  const ids = app.selection.ids;
  if (await app.labels.decide(ids, 'other', label)) {
    app.toasts.info(`Labelled ${formatQuantity(ids.length, 'image')} ${app.project.className(label)}`);
  }
}
