/** @file What is set on this machine. */
import type { Page } from '@playwright/test';

export const settingsParts = ['General', 'Device and memory', 'Storage', 'Keyboard shortcuts'] as const;
export type SettingsPart = (typeof settingsParts)[number];

export class SettingsScreen {
  readonly #page: () => Page;

  constructor(page: () => Page) {
    this.#page = page;
  }

  async show(part: SettingsPart): Promise<void> {
    await this.#choose('Part of the settings', part);
  }

  async setTextSize(percent: number): Promise<void> {
    await this.#choose('Text size', `${percent} %`);
  }

  /** Leaves only actions in view whose name or keys hold these words. */
  async findAction(words: string): Promise<void> {
    await this.#page().getByRole('searchbox', { name: 'Find an action or a key' }).fill(words);
  }

  /** Presses `pressed` (as Playwright writes keys) for what `action` had `keys` for. */
  async rebind(action: string, keys: string, pressed: string): Promise<void> {
    await this.#page()
      .getByRole('button', { name: `${action}: change ${keys}` })
      .first()
      .click();
    await this.#page().keyboard.press(pressed);
  }

  /** The keys of an action that a section shows. */
  keys(section: string, action: string) {
    return this.#page()
      .getByRole('region', { name: section, exact: true })
      .getByRole('button', { name: `${action}: change` });
  }

  /** That a key stands for something else already. */
  conflict() {
    return this.#page().getByRole('main').getByRole('alert');
  }

  async exchange(): Promise<void> {
    await this.conflict().getByRole('button', { name: 'Exchange the two' }).click();
  }

  async resetKeys(): Promise<void> {
    await this.#page().getByRole('button', { name: 'Reset all keys' }).click();
    await this.#page().getByRole('button', { name: 'Really reset them?' }).click();
  }

  storedPart(title: string) {
    const head = this.#page().getByRole('rowheader', { name: new RegExp(`^${title}`) });
    return this.#page().getByRole('main').getByRole('row').filter({ has: head });
  }

  async clearStorage(): Promise<void> {
    const main = this.#page().getByRole('main');
    await main.getByRole('button', { name: 'Clear what can be made again' }).click();
    await main.getByRole('button', { name: 'Really delete' }).click();
  }

  /** What a run may take by default, in the words of the field. */
  memoryBudget() {
    return this.#page().getByLabel('Memory budget').locator('option:checked');
  }

  async #choose(group: string, text: string): Promise<void> {
    await this.#page()
      .getByRole('radiogroup', { name: group })
      .locator('label')
      .filter({ hasText: text })
      .click();
  }
}
