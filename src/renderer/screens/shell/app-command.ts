/** @file One row of the command palette. */
import { actions, type ActionIn } from '../../keys/actions.ts';
import type { Chord } from '../../keys/chord.ts';
import type { App } from '../../state/app.svelte.ts';

export interface AppCommand {
  /** Of an action; others, such as saved views, have ids of their own and no keys. */
  readonly id: string;
  readonly text: string;
  readonly group: string;
  readonly note?: string | undefined;
  readonly keys?: Chord | undefined;
  readonly run: () => void;
}

/** An action under the name and the keys that it has in the table of actions. */
export function commandOf(
  app: App,
  id: ActionIn<'everywhere' | 'images'>,
  { group, note, text = actions[id].title }: { group: string; note?: string; text?: string },
  run: () => void,
): AppCommand {
  return { id, text, group, note, keys: app.keymap.first(id), run };
}
