/** @file The queues of issues of pictures: kinds, the pair view, decisions by key and by rule. */
import type { Page } from '@playwright/test';

export class ImageIssuesScreen {
  readonly #page: () => Page;

  constructor(page: () => Page) {
    this.#page = page;
  }

  /** Looks for every kind, and waits until something is found. */
  async lookForAll(timeout = 60_000): Promise<void> {
    await this.openSearch();
    await this.#page().getByRole('dialog').getByRole('button', { name: 'Look', exact: true }).click();
    await this.kind('Blank images').waitFor({ timeout });
  }

  async openSearch(): Promise<void> {
    await this.#page().getByRole('button', { name: 'Look for image issues…' }).click();
  }

  kind(title: string) {
    return this.#page()
      .getByRole('navigation', { name: 'Kinds of issues' })
      .getByRole('button', { name: title });
  }

  async show(title: string): Promise<void> {
    await this.kind(title).click();
    await this.#page().getByRole('main').getByRole('heading', { name: title }).waitFor();
    await this.issue().waitFor();
  }

  issue() {
    return this.#page().getByRole('region', { name: /^Issue \d+ of the queue$/ });
  }

  comparison() {
    return this.#page().getByRole('region', { name: 'Comparison' });
  }

  evidence() {
    return this.#page().getByRole('complementary', { name: 'Evidence' });
  }

  /** '1 of 2 decided'. */
  decided() {
    return this.#page()
      .getByRole('status')
      .filter({ hasText: /of \d+ decided/ });
  }

  rules() {
    return this.#page().getByRole('dialog', { name: /decide all by a rule/ });
  }

  async openRules(): Promise<void> {
    await this.#page().getByRole('button', { name: 'Decide all by a rule…' }).click();
  }
}
