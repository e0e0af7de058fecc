/** @file Keys of the image grid. */
import type { SampleId } from '../../../contract/vocabulary.ts';
import type { ActionIn } from '../../keys/actions.ts';
import type { App } from '../../state/app.svelte.ts';
import { askForRelabel, excludeSelection, keepLabels } from './bulk-decisions.ts';
import { askForTag } from './tagging.ts';

/** How far an action moves the keyboard's place. */
export function moveOf(action: ActionIn<'moving'>, columnCount: number, rowsInView: number): number {
  const moves = {
    'moving.left': -1,
    'moving.right': 1,
    'moving.up': -columnCount,
    'moving.down': columnCount,
    'moving.view-up': -columnCount * rowsInView,
    'moving.view-down': columnCount * rowsInView,
    'moving.first': -Infinity,
    'moving.last': Infinity,
  } as const satisfies Record<ActionIn<'moving'>, number>;
  return moves[action];
}

export function handleGridKey(event: KeyboardEvent, app: App, columnCount: number, rowsInView: number): void {
  const { samples, selection } = app;
  const move = app.keymap.find(event, 'moving');
  if (move !== null) {
    selection.moveTo(selection.cursor + moveOf(move, columnCount, rowsInView), samples.ids, event.shiftKey);
    event.preventDefault();
    return;
  }
  if (handleActionKey(event, app)) event.preventDefault();
}

/** Keys that act on what is selected, wherever images are selected; answers whether it was one. */
export function handleActionKey(event: KeyboardEvent, app: App): boolean {
  const { samples, selection } = app;
  const act: Readonly<Record<ActionIn<'grid' | 'images'>, () => void>> = {
    'grid.toggle': () => selection.click(selection.cursor, samples.ids, { shift: false, control: true }),
    'grid.select-all': () => selection.selectAll(samples.ids),
    'grid.clear': () => selection.clear(),
    'grid.open': () => app.route.go('influence', samples.ids[selection.cursor] as SampleId),
    'images.relabel': () => askForRelabel(app),
    'images.tag': () => askForTag(app),
    'images.keep': () => void keepLabels(app),
    'images.exclude': () => void excludeSelection(app),
  };
  const action = app.keymap.find(event, 'grid', 'images');
  if (action === null) return false;
  act[action]();
  return true;
}
