/** @file Keys of the grid of query images. */
import type { ActionIn } from '../../keys/actions.ts';
import type { App } from '../../state/app.svelte.ts';
import { moveOf } from '../browse/grid-keys.ts';
import { traceToGroups, traceToImages } from './query-actions.ts';

/** `open` takes the keyboard to what is known of the image. */
export function handleQueryKey(
  event: KeyboardEvent,
  app: App,
  columnCount: number,
  rowsInView: number,
  open: () => void,
): void {
  const { ids, selection } = app.queries;
  const move = app.keymap.find(event, 'moving');
  if (move !== null)
    selection.moveTo(selection.cursor + moveOf(move, columnCount, rowsInView), ids, event.shiftKey);
  if (move !== null || handleActionKey(event, app, open)) event.preventDefault();
}

function handleActionKey(event: KeyboardEvent, app: App, open: () => void): boolean {
  const { ids, selection } = app.queries;
  const act: Readonly<Record<ActionIn<'grid' | 'generated'>, () => void>> = {
    'grid.toggle': () => selection.click(selection.cursor, ids, { shift: false, control: true }),
    'grid.select-all': () => selection.selectAll(ids),
    'grid.clear': () => selection.clear(),
    'grid.open': open,
    'generated.images': () => traceToImages(app),
    'generated.groups': () => traceToGroups(app),
  };
  const action = app.keymap.find(event, 'grid', 'generated');
  if (action === null) return false;
  act[action]();
  return true;
}
