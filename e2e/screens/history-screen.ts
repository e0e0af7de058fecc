/** @file Every decision. */
import type { Page } from '@playwright/test';

export class HistoryScreen {
  readonly #page: () => Page;

  constructor(page: () => Page) {
    this.#page = page;
  }

  /** Suggestions that were accepted, also those undone since. */
  acceptances() {
    const list = this.#page().getByRole('list', { name: 'Decisions, newest first' });
    return list.getByRole('listitem').filter({ hasText: /^\s*Accepted/ });
  }
}
