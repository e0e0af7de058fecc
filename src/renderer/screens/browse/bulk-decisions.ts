/** @file Decisions about many images: those that are named, or everything that is selected. */
import type { SampleId } from '../../../contract/vocabulary.ts';
import { formatQuantity } from '../../format/numbers.ts';
import type { App } from '../../state/app.svelte.ts';

export function askForRelabel(app: App, sampleIds: SampleId[] = app.selection.ids): void {
  if (sampleIds.length === 0) return;
  app.overlays.askForClass(`New label for ${formatQuantity(sampleIds.length, 'image')}`, (label) => {
    void relabel(app, sampleIds, label);
  });
}

export async function keepLabels(app: App, sampleIds: SampleId[] = app.selection.ids): Promise<void> {
  if (await app.labels.decide(sampleIds, 'keep')) {
    app.toasts.info(`Kept the label of ${formatQuantity(sampleIds.length, 'image')}`);
  }
}

/** Whether everything that is selected is left out of trainings by now. */
export function isSelectionExcluded({ selection, exclusions }: App): boolean {
  if (selection.size === 0 || selection.size > exclusions.ids.size) return false;
  return selection.ids.every((id) => exclusions.has(id));
}

/** Leaves what is selected out of trainings; where all of it is left out already, lets it in again. */
export function excludeSelection(app: App): Promise<void> {
  return setExcluded(app, app.selection.ids, !isSelectionExcluded(app));
}

export async function setExcluded(app: App, sampleIds: SampleId[], excluded: boolean): Promise<void> {
  if (sampleIds.length === 0) return;
  const changed = await app.exclusions.set(sampleIds, excluded);
  if (changed === null) return;
  const images = formatQuantity(changed, 'image');
  app.toasts.info(excluded ? `Excluded ${images} from trainings` : `Included ${images} again`);
}

async function relabel(
  app: App,
  sampleIds: SampleId[],
  label: Parameters<App['project']['className']>[0],
): Promise<void> {
  if (await app.labels.decide(sampleIds, 'other', label)) {
    app.toasts.info(`Labelled ${formatQuantity(sampleIds.length, 'image')} ${app.project.className(label)}`);
  }
}
