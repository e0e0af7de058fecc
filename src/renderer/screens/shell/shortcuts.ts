/** @file Keys that work on every screen. Screens add their own. */
import { chordOf } from '../../keys/chord.ts';
import { isForControl, isForText } from '../../keys/key-target.ts';
import type { App } from '../../state/app.svelte.ts';
import { listCommands } from './commands.ts';

export function handleShortcut(event: KeyboardEvent, app: App): void {
  const chord = chordOf(event);
  if (chord === null || isForText(event, chord) || isForControl(event)) return;
  const action = app.overlays.open === null ? app.keymap.find(event, 'everywhere') : null;
  // The menu is opened by what it is about.
  if (action === null || action === 'menu') return;
  // A command that is not offered now does nothing; the browser must not do something else instead.
  event.preventDefault();
  if (action === 'palette') app.overlays.show('palette');
  // Asked of the engine, which knows of a decision before the palette does.
  else if (action === 'undo' || action === 'redo') void app.labels[action]();
  else
    listCommands(app)
      .find(({ id }) => id === action)
      ?.run();
}
