/** @file The tray of runs below every screen. */
import type { Page } from '@playwright/test';

export class Jobs {
  readonly #page: () => Page;

  constructor(page: () => Page) {
    this.#page = page;
  }

  async open(): Promise<void> {
    await this.#toggle(true);
  }

  async close(): Promise<void> {
    await this.#toggle(false);
  }

  /** The newest run of that title, once it has that state. */
  run(title: string, state: string) {
    return this.#tray().getByRole('listitem').filter({ hasText: title }).filter({ hasText: state }).first();
  }

  async #toggle(open: boolean): Promise<void> {
    const bar = this.#tray().getByRole('button', { name: /^Jobs/ });
    if ((await bar.getAttribute('aria-expanded')) !== String(open)) await bar.click();
  }

  #tray() {
    return this.#page().getByRole('region', { name: 'Jobs' });
  }
}
