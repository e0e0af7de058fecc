/** @file What is set on this machine, as the engine keeps it; held in this window too, so that its first paint is right. */
import {
  readSettings,
  type ChosenDefaults,
  type SettingName,
  type Settings as SettingValues,
  type SettingsChange,
} from '../../contract/settings-service.ts';
import type { Connection } from './connection.svelte.ts';
import type { Toasts } from './toasts.svelte.ts';

const STORAGE_KEY = 'whence.settings';

export type SettingsPart = 'general' | 'device' | 'storage' | 'shortcuts';

export class Settings {
  current = $state.raw<SettingValues>(heldSettings());
  /** The part of them that the screen shows. */
  part = $state<SettingsPart>('general');
  /** What Whence chooses where nothing is set; null until the engine has said it. */
  chosen = $state.raw<ChosenDefaults | null>(null);
  #onTheWay = 0;
  readonly #connection: Connection;
  readonly #toasts: Toasts;
  readonly #listeners: ((settings: SettingValues) => void)[] = [];

  constructor(connection: Connection, toasts: Toasts) {
    this.#connection = connection;
    this.#toasts = toasts;
    connection.onReady((engine) => {
      engine.settings.on('changed', (settings) => {
        if (this.#onTheWay === 0) this.#apply(settings);
      });
      void this.#read();
    });
  }

  /** Called with what is set now, and again after each change. */
  follow(listener: (settings: SettingValues) => void): void {
    this.#listeners.push(listener);
    listener(this.current);
  }

  /** Who decisions are signed by. */
  get reviewer(): string {
    return this.current.reviewer ?? this.chosen?.reviewer ?? '';
  }

  /** An empty name is that of the account. */
  setReviewer(name: string): void {
    const reviewer = name.trim() === '' ? null : name.trim();
    if (reviewer !== this.current.reviewer) void this.change({ reviewer });
  }

  /** What a computation may take, in bytes; null until the engine has said it. */
  get memoryBytes(): number | null {
    const mib = this.current.memoryMib === 0 ? this.chosen?.memoryMib : this.current.memoryMib;
    return mib === undefined ? null : mib * 2 ** 20;
  }

  /** Shown at once; what the engine refuses is taken back. While one change is on its way, what is said of an earlier one is old. */
  async change(change: SettingsChange): Promise<void> {
    this.#apply({ ...this.current, ...change } as SettingValues);
    this.#onTheWay++;
    const kept = await this.#toasts.attempt(() => this.#connection.engine.settings.change(change));
    this.#onTheWay--;
    if (this.#onTheWay > 0) return;
    if (kept === null) await this.#read();
    else this.#apply(kept);
  }

  /** The defaults again; of all settings where no names are given. */
  async reset(names?: SettingName[]): Promise<void> {
    const request = names === undefined ? {} : { names };
    const kept = await this.#toasts.attempt(() => this.#connection.engine.settings.reset(request));
    if (kept !== null) this.#apply(kept);
  }

  #apply(settings: SettingValues): void {
    this.current = settings;
    localStorage.setItem(STORAGE_KEY, JSON.stringify(settings));
    for (const listener of this.#listeners) listener(settings);
  }

  async #read(): Promise<void> {
    const answer = await this.#toasts.attempt(() => this.#connection.engine.settings.read());
    if (answer === null) return;
    this.chosen = answer.chosen;
    this.#apply(answer.settings);
  }
}

function heldSettings(): SettingValues {
  try {
    return readSettings(JSON.parse(localStorage.getItem(STORAGE_KEY) ?? '{}') as Record<string, unknown>);
  } catch {
    return readSettings({});
  }
}
