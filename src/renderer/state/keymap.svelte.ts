/** @file Which keys mean what: the table of actions, with what somebody changed of it. */
import type { ActionId, ActionIn } from '../keys/actions.ts';
import {
  actionOf,
  conflictsOf,
  keysOf,
  readBindings,
  rebind,
  restore,
  unbind,
  usableBindings,
  writeBindings,
  type Bindings,
} from '../keys/bindings.ts';
import { chordOf, chordText, withoutShift, type Chord, type KeyPress } from '../keys/chord.ts';
import type { Scope } from '../keys/scopes.ts';
import type { Settings } from './settings.svelte.ts';

export class Keymap {
  #bindings = $state.raw<Bindings>({});
  readonly #settings: Settings;

  constructor(settings: Settings) {
    this.#settings = settings;
    settings.follow(({ shortcuts }) => {
      this.#bindings = usableBindings(shortcuts);
    });
  }

  /** What these keys mean in one of the scopes; with Shift held they mean what they mean without it, unless that is something of its own. */
  find<Where extends Scope>(event: KeyPress, ...scopes: Where[]): ActionIn<Where> | null {
    const chord = chordOf(event);
    if (chord === null) return null;
    const action = actionOf(this.#bindings, chord, scopes);
    if (action !== null) return action as ActionIn<Where>;
    const plain = withoutShift(chord);
    return plain === null ? null : (actionOf(this.#bindings, plain, scopes) as ActionIn<Where> | null);
  }

  keys(id: ActionId): readonly Chord[] {
    return keysOf(this.#bindings, id);
  }

  /** The keys that a button shows. */
  first(id: ActionId): Chord | undefined {
    return this.keys(id)[0];
  }

  /** 'Undo (Ctrl+Z)', for a hint; without keys only the words. */
  hint(words: string, id: ActionId): string {
    const chord = this.first(id);
    return chord === undefined ? words : `${words} (${chordText(chord)})`;
  }

  isChanged(id: ActionId): boolean {
    return this.#bindings[id] !== undefined;
  }

  get changedCount(): number {
    return Object.keys(this.#bindings).length;
  }

  /** Actions that lose these keys where `id` gets them. */
  conflicts(id: ActionId, chord: Chord): ActionId[] {
    return conflictsOf(this.#bindings, id, chord);
  }

  /** Gives `id` these keys in the place of others, or besides; whoever had them gets the others. */
  rebind(id: ActionId, replaced: Chord | null, chord: Chord): void {
    this.#keep(rebind(this.#bindings, id, replaced, chord));
  }

  unbind(id: ActionId, chord: Chord): void {
    this.#keep(unbind(this.#bindings, id, chord));
  }

  /** The default keys of one action again. */
  restore(id: ActionId): void {
    this.#keep(restore(this.#bindings, id));
  }

  restoreAll(): void {
    this.#keep({});
  }

  write(): string {
    return writeBindings(this.#bindings);
  }

  /** Takes keys over from a text that `write` made; an AppError tells what is wrong with another. */
  read(text: string): void {
    this.#keep(readBindings(text));
  }

  #keep(bindings: Bindings): void {
    this.#bindings = bindings;
    const shortcuts = Object.fromEntries(Object.entries(bindings).map(([id, keys]) => [id, [...keys]]));
    void this.#settings.change({ shortcuts });
  }
}
