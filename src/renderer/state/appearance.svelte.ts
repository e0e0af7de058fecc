/** @file How the window looks: light, dark, or as the system has it; and how large its text is. */
import { textSizes, themes, type TextSize, type Theme } from '../../contract/settings-service.ts';
import type { Connection, DesktopClient } from './connection.svelte.ts';
import type { Settings } from './settings.svelte.ts';

export class Appearance {
  readonly #connection: Connection;
  readonly #settings: Settings;

  constructor(connection: Connection, settings: Settings) {
    this.#connection = connection;
    this.#settings = settings;
    settings.follow(({ theme, textSize }) => this.#apply(theme, textSize));
    // The settings may be there before the shell is.
    connection.onDesktop((desktop) => this.#tell(desktop));
  }

  get theme(): Theme {
    return this.#settings.current.theme;
  }

  get textSize(): TextSize {
    return this.#settings.current.textSize;
  }

  /** Of what depends on the size of text but is no style: 1 at the usual size. */
  get scale(): number {
    return this.textSize / 100;
  }

  setTheme(theme: Theme): void {
    void this.#settings.change({ theme });
  }

  nextTheme(): void {
    this.setTheme(themes[(themes.indexOf(this.theme) + 1) % themes.length] ?? 'system');
  }

  setTextSize(textSize: TextSize): void {
    void this.#settings.change({ textSize });
  }

  /** The next larger or smaller size; at an end it stays. */
  stepTextSize(step: 1 | -1): void {
    this.setTextSize(textSizes[textSizes.indexOf(this.textSize) + step] ?? this.textSize);
  }

  #apply(theme: Theme, textSize: TextSize): void {
    const { documentElement: root } = document;
    if (theme === 'system') delete root.dataset['theme'];
    else root.dataset['theme'] = theme;
    root.style.fontSize = textSize === 100 ? '' : `${textSize}%`;
    root.style.setProperty('--text-scale', String(textSize / 100));
    if (this.#connection.desktop !== null) this.#tell(this.#connection.desktop);
  }

  /** Native frame and menus follow; without a desktop shell there are none. */
  #tell(desktop: DesktopClient): void {
    void desktop.setTheme({ theme: this.theme }).catch(() => null);
  }
}
