/** @file Keys of the image grid. */
import type { SampleId } from '../../../contract/vocabulary.ts';
import type { App } from '../../state/app.svelte.ts';
import { askForRelabel, excludeSelection, keepLabels } from './bulk-decisions.ts';
import { askForTag } from './tagging.ts';

/** How far a key moves the keyboard's place; null for keys that do not move it. */
export function moveOf(key: string, columnCount: number, rowsInView: number): number | null {
  const moves: Readonly<Record<string, number>> = {
    ArrowLeft: -1,
    ArrowRight: 1,
    ArrowUp: -columnCount,
    ArrowDown: columnCount,
    PageUp: -columnCount * rowsInView,
    PageDown: columnCount * rowsInView,
    Home: -Infinity,
    End: Infinity,
  };
  return moves[key] ?? null;
}

export function handleGridKey(event: KeyboardEvent, app: App, columnCount: number, rowsInView: number): void {
  const { samples, selection } = app;
  const move = moveOf(event.key, columnCount, rowsInView);
  if (move !== null && !event.altKey) {
    selection.moveTo(selection.cursor + move, samples.ids, event.shiftKey);
    event.preventDefault();
    return;
  }
  if (handleActionKey(event, app)) event.preventDefault();
}

/** Keys that act on what is selected, wherever images are selected; answers whether it was one. */
export function handleActionKey(event: KeyboardEvent, app: App): boolean {
  const { samples, selection } = app;
  const letter = event.key.toLowerCase();
  const control = event.ctrlKey || event.metaKey;
  if (control) {
    if (letter === 'a') selection.selectAll(samples.ids);
    return letter === 'a';
  }
  const actions: Readonly<Record<string, () => void>> = {
    ' ': () => selection.click(selection.cursor, samples.ids, { shift: false, control: true }),
    escape: () => selection.clear(),
    enter: () => app.route.go('influence', samples.ids[selection.cursor] as SampleId),
    l: () => askForRelabel(app),
    t: () => askForTag(app),
    k: () => void keepLabels(app),
    x: () => void excludeSelection(app),
  };
  actions[letter]?.();
  return letter in actions;
}
