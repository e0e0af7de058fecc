/** @file The tour: a mark that points at one thing after the other. */
import type { Page } from '@playwright/test';

export class Tour {
  readonly #page: () => Page;

  constructor(page: () => Page) {
    this.#page = page;
  }

  /** What it says now. */
  mark() {
    return this.#page()
      .getByRole('dialog')
      .filter({ hasText: /Step \d+ of \d+/ });
  }

  title() {
    return this.mark().getByRole('heading');
  }

  /** What it points at. */
  target() {
    return this.#page().locator('[data-toured]');
  }

  async startFromHelp(): Promise<void> {
    await this.#page().getByRole('button', { name: 'Keyboard shortcuts' }).click();
    await this.#page().getByRole('dialog').getByRole('button', { name: /tour$/ }).click();
    await this.mark().waitFor();
  }

  async takeOffer(): Promise<void> {
    await this.#page()
      .getByRole('complementary', { name: 'Tour' })
      .getByRole('button', { name: 'Take the tour' })
      .click();
    await this.mark().waitFor();
  }

  offer() {
    return this.#page().getByRole('complementary', { name: 'Tour' });
  }
}
