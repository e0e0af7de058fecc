/** @file Every decision. */
import type { Page } from '@playwright/test';

export class HistoryScreen {
  readonly #page: () => Page;

  constructor(page: () => Page) {
    this.#page = page;
  }

  entries() {
    return this.#page().getByRole('list', { name: 'Decisions, newest first' }).getByRole('listitem');
  }
}
