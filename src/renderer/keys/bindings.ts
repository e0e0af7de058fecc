/** @file Which keys mean which action: the defaults, and what somebody changed of them. */
import { z } from 'zod';
import { AppError } from '../../core/base/app-error.ts';
import { actionIds, actionRow, type ActionId } from './actions.ts';
import { chordText, parseChord, type Chord } from './chord.ts';
import { overlap, type Scope } from './scopes.ts';

/** Only actions whose keys are not the default ones. */
export type Bindings = Readonly<Partial<Record<ActionId, readonly Chord[]>>>;

export function keysOf(bindings: Bindings, id: ActionId): readonly Chord[] {
  return bindings[id] ?? actionRow(id).keys;
}

/** The action that these keys mean in one of the scopes; null for none. */
export function actionOf(bindings: Bindings, chord: Chord, scopes: readonly Scope[]): ActionId | null {
  const means = (id: ActionId): boolean =>
    scopes.includes(actionRow(id).scope) && keysOf(bindings, id).includes(chord);
  return actionIds.find(means) ?? null;
}

/** Other actions that these keys mean where `id` is heard too. */
export function conflictsOf(bindings: Bindings, id: ActionId, chord: Chord): ActionId[] {
  const { scope } = actionRow(id);
  return actionIds.filter(
    (other) =>
      other !== id && overlap(scope, actionRow(other).scope) && keysOf(bindings, other).includes(chord),
  );
}

/** Gives an action these keys; those of its defaults are not kept as a change. */
function bind(bindings: Bindings, id: ActionId, keys: readonly Chord[]): Bindings {
  const { [id]: _, ...others } = bindings;
  const isDefault = keys.join(' ') === actionRow(id).keys.join(' ');
  return isDefault ? others : { ...others, [id]: keys };
}

export function unbind(bindings: Bindings, id: ActionId, chord: Chord): Bindings {
  return bind(
    bindings,
    id,
    keysOf(bindings, id).filter((key) => key !== chord),
  );
}

/**
 * Puts `chord` in the place of `replaced`, or beside the other keys where that is null. Actions that had it get `replaced`
 * for it where that is free for them, else they lose it.
 */
export function rebind(bindings: Bindings, id: ActionId, replaced: Chord | null, chord: Chord): Bindings {
  const others = conflictsOf(bindings, id, chord);
  const freed = others.reduce((next, other) => unbind(next, other, chord), unbind(bindings, id, chord));
  const keys = keysOf(freed, id);
  const at = replaced === null ? -1 : keys.indexOf(replaced);
  const changed = bind(freed, id, at < 0 ? [...keys, chord] : keys.with(at, chord));
  if (replaced === null || replaced === chord) return changed;
  return others.reduce(
    (next, other) =>
      conflictsOf(next, other, replaced).length > 0
        ? next
        : bind(next, other, [...keysOf(next, other), replaced]),
    changed,
  );
}

/** Gives an action its default keys again; others that have one of them lose it. */
export function restore(bindings: Bindings, id: ActionId): Bindings {
  const { keys } = actionRow(id);
  const restored = bind(bindings, id, keys);
  return keys.reduce(
    (next, key) => conflictsOf(next, id, key).reduce((rest, other) => unbind(rest, other, key), next),
    restored,
  );
}

const StoredBindings = z.object({
  whenceShortcuts: z.literal(1),
  keys: z.record(z.string(), z.array(z.string())),
});

/** As one keeps them in a file: what was changed. */
export function writeBindings(bindings: Bindings): string {
  return `${JSON.stringify({ whenceShortcuts: 1, keys: bindings }, null, 2)}\n`;
}

/** Reads what `writeBindings` wrote; actions that the text does not name have their default keys. */
export function readBindings(text: string): Bindings {
  const parsed = StoredBindings.safeParse(parseJson(text));
  if (!parsed.success) throw new AppError('shortcuts-unreadable', { reason: 'it is not such a file' });
  return checkedBindings(parsed.data.keys);
}

/** What was kept, perhaps by another version with other actions: where it cannot be used, the defaults, which are keys that work. */
export function usableBindings(kept: Readonly<Record<string, readonly string[]>>): Bindings {
  try {
    return checkedBindings(kept);
  } catch {
    return {};
  }
}

function checkedBindings(kept: Readonly<Record<string, readonly string[]>>): Bindings {
  const bindings = Object.entries(kept).reduce<Bindings>(
    (next, [name, keys]) => bind(next, knownAction(name, keys), keys),
    {},
  );
  for (const id of actionIds)
    for (const key of keysOf(bindings, id)) {
      const [other] = conflictsOf(bindings, id, key);
      if (other === undefined) continue;
      const reason = `${chordText(key)} stands for both ${id} and ${other}`;
      throw new AppError('shortcuts-unreadable', { reason });
    }
  return bindings;
}

function knownAction(name: string, keys: readonly string[]): ActionId {
  const id = actionIds.find((known) => known === name);
  const unreadable = keys.find((key) => parseChord(key) === null);
  let reason: string;
  if (id === undefined) reason = `there is no action ${name}`;
  else if (actionRow(id).fixed === true) reason = `the keys of ${name} cannot be changed`;
  else if (unreadable !== undefined) reason = `${unreadable} is no key`;
  else return id;
  throw new AppError('shortcuts-unreadable', { reason });
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
