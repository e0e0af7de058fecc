/** @file Taking a person to one image among all of them. */
import type { SampleId } from '../../../contract/vocabulary.ts';
import type { App } from '../../state/app.svelte.ts';
import { emptyFilter } from '../../state/samples.svelte.ts';

/** Selects the image in Browse; a filter that hides it is cleared. */
export async function revealSample({ route, samples, selection }: App, id: SampleId): Promise<void> {
  if (!samples.ids.includes(id)) {
    samples.setFilter(emptyFilter);
    await samples.query();
  }
  const index = samples.ids.indexOf(id);
  if (index >= 0) selection.click(index, samples.ids, { shift: false, control: false });
  route.go('browse');
}
