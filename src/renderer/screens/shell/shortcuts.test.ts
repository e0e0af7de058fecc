import { describe, expect, it, vi } from 'vitest';
import type { App } from '../../state/app.svelte.ts';
import { Keymap } from '../../state/keymap.svelte.ts';
import type { Settings } from '../../state/settings.svelte.ts';
import { handleShortcut } from './shortcuts.ts';

vi.stubGlobal('localStorage', { getItem: () => null, setItem: () => undefined, removeItem: () => undefined });
vi.stubGlobal('HTMLElement', EventTarget);
vi.stubGlobal('Element', EventTarget);

/** A key pressed where nothing has the focus; whether it is kept from everything that hears it later. */
function press(key: string, { shiftKey = false, ctrlKey = false } = {}) {
  const show = vi.fn();
  const preventDefault = vi.fn();
  const event = {
    ...{ key, shiftKey, ctrlKey, altKey: false, metaKey: false },
    getModifierState: () => false,
    target: null,
    preventDefault,
  };
  const settings = { follow: () => undefined } as unknown as Settings;
  const app = { keymap: new Keymap(settings), overlays: { open: null, show } };
  handleShortcut(event as unknown as KeyboardEvent, app as unknown as App);
  return { isKept: preventDefault.mock.calls.length > 0, shown: show.mock.calls.flat() };
}

describe('keys that work on every screen', () => {
  it('are kept from the browser', () => {
    expect(press('k', { ctrlKey: true })).toEqual({ isKept: true, shown: ['palette'] });
  });

  it('leave the key of the menu to what the menu is about', () => {
    expect(press('F10', { shiftKey: true })).toEqual({ isKept: false, shown: [] });
  });
});
