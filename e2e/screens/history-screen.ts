/** @file Every decision. */
import type { Page } from '@playwright/test';

export class HistoryScreen {
  readonly #page: () => Page;

  constructor(page: () => Page) {
    this.#page = page;
  }

  async takeSnapshot(name: string): Promise<void> {
    const panel = this.#page().getByRole('complementary', { name: 'Snapshots' });
    await panel.getByLabel('Name what stands now').fill(name);
    await panel.getByRole('button', { name: 'Take' }).click();
    await panel.getByRole('listitem').filter({ hasText: name }).waitFor();
  }

  async compareSince(name: string): Promise<void> {
    await this.#page()
      .getByRole('button', { name: `What changed since ${name}` })
      .click();
  }

  /** What changed between the two places that are compared. */
  difference() {
    return this.#page().getByRole('region', { name: 'What changed' });
  }

  /** Newest first. */
  decisions() {
    return this.#page().getByRole('list', { name: 'Decisions, newest first' }).getByRole('listitem');
  }

  /** Suggestions that were accepted, also those undone since. */
  acceptances() {
    return this.decisions().filter({ hasText: /^\s*Accepted/ });
  }
}
