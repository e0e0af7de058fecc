import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { actionIds, actionRow } from './actions.ts';
import {
  actionOf,
  conflictsOf,
  keysOf,
  readBindings,
  rebind,
  restore,
  unbind,
  writeBindings,
  type Bindings,
} from './bindings.ts';
import { parseChord } from './chord.ts';
import { overlap, scopeNames } from './scopes.ts';

function conflicts(bindings: Bindings): string[] {
  return actionIds.flatMap((id) =>
    keysOf(bindings, id).flatMap((key) =>
      conflictsOf(bindings, id, key).map((other) => `${key}: ${id}, ${other}`),
    ),
  );
}

describe('the table of actions', () => {
  it('gives no key to two actions that are heard in one place', () => {
    expect(conflicts({})).toEqual([]);
  });

  it('gives every action a title that is its own in its scope, and keys in their one form', () => {
    for (const id of actionIds) {
      const { title, keys, scope } = actionRow(id);
      const namesakes = actionIds.filter(
        (other) => actionRow(other).scope === scope && actionRow(other).title === title,
      );
      expect(title.trim(), id).not.toBe('');
      expect(scope === 'everywhere' || namesakes.length === 1, `${id}: ${title}`).toBe(true);
      for (const key of keys) expect(parseChord(key), `${id}: ${key}`).not.toBeNull();
    }
  });

  it('has no scope without actions; everywhere overlaps every scope', () => {
    for (const scope of scopeNames) {
      expect(overlap('everywhere', scope), scope).toBe(true);
      expect(
        actionIds.some((id) => actionRow(id).scope === scope),
        scope,
      ).toBe(true);
    }
    expect(overlap('labels', 'images')).toBe(false);
  });
});

const changeable = actionIds.filter((id) => actionRow(id).fixed !== true);
const someKeys = ['A', 'K', 'L', 'Space', 'Ctrl+K', 'Ctrl+Z', 'ArrowLeft', 'F2', 'Q'];
const changes = fc.array(
  fc.record({
    id: fc.constantFrom(...changeable),
    key: fc.constantFrom(...someKeys),
    what: fc.constantFrom('replace', 'add', 'remove', 'restore'),
  }),
  { maxLength: 12 },
);

function apply(made: readonly { id: (typeof changeable)[number]; key: string; what: string }[]): Bindings {
  return made.reduce<Bindings>((bindings, { id, key, what }) => {
    if (what === 'remove') return unbind(bindings, id, key);
    if (what === 'restore') return restore(bindings, id);
    return rebind(bindings, id, what === 'replace' ? (keysOf(bindings, id)[0] ?? null) : null, key);
  }, {});
}

describe('changed keys', () => {
  it('never mean two things in one place, whatever was changed in whatever order', () => {
    fc.assert(
      fc.property(changes, (made) => {
        expect(conflicts(apply(made))).toEqual([]);
      }),
    );
  });

  it('come back from the text they are kept in', () => {
    fc.assert(
      fc.property(changes, (made) => {
        expect(readBindings(writeBindings(apply(made)))).toEqual(apply(made));
      }),
    );
  });

  it('are exchanged with the action that had the new key', () => {
    const swapped = rebind({}, 'labels.keep', 'K', 'S');
    expect(keysOf(swapped, 'labels.keep')).toEqual(['S']);
    expect(keysOf(swapped, 'labels.skip')).toEqual(['K']);
    expect(actionOf(swapped, 'S', ['labels'])).toBe('labels.keep');
    expect(restore(swapped, 'labels.keep')).toEqual({ 'labels.skip': [] });
  });

  it('are no change where they are the default ones', () => {
    expect(rebind(rebind({}, 'help', '?', 'F1'), 'help', 'F1', '?')).toEqual({});
  });
});

describe('readBindings', () => {
  const text = (keys: object): string => JSON.stringify({ whenceShortcuts: 1, keys });

  it('says what is wrong with a text', () => {
    expect(() => readBindings('{}')).toThrow('not such a file');
    expect(() => readBindings(text({ nothing: ['K'] }))).toThrow('no action nothing');
    expect(() => readBindings(text({ help: ['k'] }))).toThrow('k is no key');
    expect(() => readBindings(text({ 'labels.class': ['0'] }))).toThrow('cannot be changed');
    expect(() => readBindings(text({ help: ['Ctrl+K'] }))).toThrow('stands for both');
  });
});
