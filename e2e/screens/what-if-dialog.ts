/** @file 'What if this were not there?': asked of a synset, which is distilled first where there is none. */
import type { Locator, Page } from '@playwright/test';

export class WhatIfDialog {
  readonly #page: () => Page;

  constructor(page: () => Page) {
    this.#page = page;
  }

  /** Opens the question about a group from its card. */
  async openOfGroup(name: string): Promise<void> {
    const card = this.#page().getByRole('article', { name: `Group ${name}`, exact: true });
    await card.getByRole('button', { name: 'What if not there?' }).click();
  }

  dialog(): Locator {
    return this.#page().getByRole('dialog', { name: /^What if / });
  }

  /** Distils the synset and waits until it can be asked. */
  async distil(): Promise<void> {
    await this.dialog().getByRole('button', { name: 'Distil a synset' }).click();
    await this.#askButton().waitFor({ timeout: 120_000 });
  }

  async ask(): Promise<void> {
    await this.#askButton().click();
    await this.dialog().getByTestId('claim').waitFor({ timeout: 60_000 });
  }

  async showSynset(): Promise<Locator> {
    await this.dialog()
      .getByText(/^The synset:/)
      .click();
    return this.dialog().getByRole('list', { name: 'Synthetic images' }).getByRole('listitem');
  }

  async close(): Promise<void> {
    await this.dialog().getByRole('button', { name: 'Close' }).click();
  }

  #askButton(): Locator {
    return this.dialog().getByRole('button', { name: 'Ask', exact: true });
  }
}
