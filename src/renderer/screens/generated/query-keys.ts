/** @file Keys of the grid of query images. */
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
  const move = moveOf(event.key, columnCount, rowsInView);
  if (move !== null && !event.altKey) {
    selection.moveTo(selection.cursor + move, ids, event.shiftKey);
    event.preventDefault();
    return;
  }
  if (handleActionKey(event, app, open)) event.preventDefault();
}

function handleActionKey(event: KeyboardEvent, app: App, open: () => void): boolean {
  const { ids, selection } = app.queries;
  const control = event.ctrlKey || event.metaKey;
  switch (event.key.toLowerCase()) {
    case 'a':
      if (control) selection.selectAll(ids);
      return control;
    case ' ':
      selection.click(selection.cursor, ids, { shift: false, control: true });
      return true;
    case 'escape':
      selection.clear();
      return true;
    case 'enter':
      open();
      return true;
    case 't':
      if (!control) traceToImages(app);
      return !control;
    case 'g':
      if (!control) traceToGroups(app);
      return !control;
    default:
      return false;
  }
}
