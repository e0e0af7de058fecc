/** @file The dialogs that set up an estimate of influence or a measurement of it: how it is made, and what it would take. */
import type { Locator, Page } from '@playwright/test';

export class AttributionForm {
  readonly #page: () => Page;
  readonly #title: string;

  constructor(page: () => Page, title: 'Estimate influence' | 'Evaluate a method') {
    this.#page = page;
    this.#title = title;
  }

  dialog(): Locator {
    return this.#page().getByRole('dialog', { name: this.#title });
  }

  async chooseMethod(title: string): Promise<void> {
    await this.dialog().getByLabel('Method', { exact: true }).selectOption(title);
  }

  /** Unfolds what few people need. */
  async showAllChoices(): Promise<void> {
    await this.dialog().getByText('More choices').click();
  }

  async fill(label: string, value: number): Promise<void> {
    await this.dialog().getByLabel(label, { exact: true }).fill(String(value));
  }

  /** What it would take, or why it cannot be started. */
  estimate(): Locator {
    return this.dialog().getByRole('status');
  }

  /** Starts it; the dialog is gone once it is on its way. */
  async start(): Promise<void> {
    await this.dialog()
      .getByRole('button', { name: /^(Run|Evaluate)$/ })
      .click();
    await this.dialog().waitFor({ state: 'hidden' });
  }
}
