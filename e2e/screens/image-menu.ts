/** @file The menu of an image, wherever it was opened. */
import type { Locator, Page } from '@playwright/test';

export class ImageMenu {
  readonly #page: () => Page;

  constructor(page: () => Page) {
    this.#page = page;
  }

  /** The menu itself, and a further one that it has opened. */
  all(): Locator {
    return this.#page().getByRole('menu');
  }

  items(): Locator {
    return this.#page().getByRole('menuitem');
  }

  /** By mouse. */
  async openOn(element: Locator): Promise<void> {
    await element.click({ button: 'right' });
    await this.all().first().waitFor();
  }

  /** By key, of what has the focus. */
  async openByKey(): Promise<void> {
    await this.#page().keyboard.press('Shift+F10');
    await this.all().first().waitFor();
  }

  async choose(name: string | RegExp): Promise<void> {
    await this.items().filter({ hasText: name }).first().click();
    await this.all().first().waitFor({ state: 'detached' });
  }

  /** By typing the beginning of its words. */
  async typeTo(beginning: string): Promise<void> {
    await this.#page().keyboard.type(beginning);
  }

  focused(): Locator {
    return this.#page().locator('[role=menuitem]:focus');
  }

  async addToGroup(name: string): Promise<void> {
    await this.items().filter({ hasText: 'Add to group' }).hover();
    await this.all().nth(1).waitFor();
    await this.all().nth(1).getByRole('menuitem').filter({ hasText: name }).click();
    await this.all().first().waitFor({ state: 'detached' });
  }
}
