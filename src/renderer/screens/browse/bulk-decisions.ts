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

async function relabelSelection(app: App, label: Parameters<App['project']['className']>[0]): Promise<void> {
  const ids = app.selection.ids;
  if (await app.labels.decide(ids, 'other', label)) {
    app.toasts.info(`Labelled ${formatQuantity(ids.length, 'image')} ${app.project.className(label)}`);
  }
}
