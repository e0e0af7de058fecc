/** @file Light, dark, or as the system has it. */
import { translate } from '../texts/translate.svelte.ts';
import type { Connection } from './connection.svelte.ts';

export const themes = ['system', 'light', 'dark'] as const;
export type Theme = (typeof themes)[number];

export const themeWords = {
  system: translate('system'),
  light: translate('light'),
  dark: translate('dark'),
} as const satisfies Record<Theme, string>;

const STORAGE_KEY = 'whence.theme';

export class ThemeChoice {
  #current = $state<Theme>('system');
  readonly #connection: Connection;

  constructor(connection: Connection) {
    this.#connection = connection;
    const stored = localStorage.getItem(STORAGE_KEY);
    this.set(themes.find((theme) => theme === stored) ?? 'system');
  }

  get current(): Theme {
    return this.#current;
  }

  set(theme: Theme): void {
    this.#current = theme;
    localStorage.setItem(STORAGE_KEY, theme);
    if (theme === 'system') delete document.documentElement.dataset['theme'];
    else document.documentElement.dataset['theme'] = theme;
    // Native frame and menus follow; without a desktop shell there are none.
    void this.#connection.desktop?.setTheme({ theme }).catch(() => null);
  }

  next(): void {
    this.set(themes[(themes.indexOf(this.#current) + 1) % themes.length] ?? 'system');
  }
}
