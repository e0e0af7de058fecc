/** @file Dragging an image, or all that are selected, out of the grid. */
import { countSamples, setOfSamples } from '../../../contract/sample-set.ts';
import type { SampleId } from '../../../contract/vocabulary.ts';
import { formatQuantity } from '../../format/numbers.ts';
import type { App } from '../../state/app.svelte.ts';

/** What a drag of images carries: nothing that another program or a text field would take. */
const DRAG_TYPE = 'application/x-whence-images';

/** An image that is not selected is dragged alone. */
export function dragImages({ selection, dragging }: App, id: SampleId, event: DragEvent): void {
  const images = selection.has(id) ? selection.images : setOfSamples([id]);
  const count = countSamples(images);
  event.dataTransfer?.setData(DRAG_TYPE, String(count));
  if (event.dataTransfer !== null) event.dataTransfer.effectAllowed = 'copy';
  if (count > 1) showCount(event, count);
  dragging.start(images);
}

/** How many are dragged, at the pointer: one tile alone would look like one image. */
function showCount({ dataTransfer }: DragEvent, count: number): void {
  const badge = document.createElement('div');
  badge.className = 'drag-count';
  badge.textContent = formatQuantity(count, 'image');
  document.body.append(badge);
  dataTransfer?.setDragImage(badge, -12, -12);
  setTimeout(() => badge.remove());
}
