/** @file The language of the window: as the system has it, or as the person chose. */
import { languages, loadCatalogue, pickLanguage, type Language } from '../../texts/languages.ts';
import { speak, spokenLanguage } from '../texts/translate.svelte.ts';
import type { Connection } from './connection.svelte.ts';

export const languageChoices = ['system', ...(Object.keys(languages) as Language[])] as const;
export type LanguageChoice = (typeof languageChoices)[number];

const STORAGE_KEY = 'whence.language';

export class WindowLanguage {
  #chosen = $state<LanguageChoice>('system');
  readonly #connection: Connection;
  /** Settles once the texts are there; the window is shown then. */
  readonly isReady: Promise<void>;

  constructor(connection: Connection) {
    this.#connection = connection;
    const stored = localStorage.getItem(STORAGE_KEY);
    connection.onDesktop(() => this.#tellDesktop());
    this.isReady = this.set(languageChoices.find((choice) => choice === stored) ?? 'system');
  }

  get chosen(): LanguageChoice {
    return this.#chosen;
  }

  async set(choice: LanguageChoice): Promise<void> {
    this.#chosen = choice;
    localStorage.setItem(STORAGE_KEY, choice);
    const language = choice === 'system' ? pickLanguage(navigator.languages) : choice;
    speak(language, await loadCatalogue(language));
    document.documentElement.lang = language;
    this.#tellDesktop();
  }

  /** The menus and native dialogs follow; without a desktop shell there are none. */
  #tellDesktop(): void {
    void this.#connection.desktop?.setLanguage({ language: spokenLanguage() }).catch(() => null);
  }
}
