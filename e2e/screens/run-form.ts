/** @file A dialog that sets a run up: its fields, what it would take, and the button that starts it. */
import type { Locator, Page } from '@playwright/test';

export class RunForm {
  readonly #page: () => Page;
  readonly #title: string;
  readonly #verb: string;

  constructor(page: () => Page, title: string, verb: string) {
    this.#page = page;
    this.#title = title;
    this.#verb = verb;
  }

  dialog(): Locator {
    return this.#page().getByRole('dialog', { name: this.#title });
  }

  async fill(values: Readonly<Record<string, number>>): Promise<void> {
    for (const [label, value] of Object.entries(values))
      await this.dialog().getByLabel(label, { exact: true }).fill(String(value));
  }

  async choose(label: string, title: string): Promise<void> {
    await this.dialog().getByLabel(label, { exact: true }).selectOption(title);
  }

  /** Unfolds what few people need. */
  async showAllChoices(): Promise<void> {
    await this.dialog().getByText('More choices').click();
  }

  /** Ticks these and no others. */
  async tickOnly(legend: string, titles: readonly string[]): Promise<void> {
    const boxes = this.dialog().getByRole('group', { name: legend }).getByRole('checkbox');
    for (const title of titles)
      await this.dialog().getByRole('group', { name: legend }).getByLabel(title, { exact: true }).check();
    for (const box of await boxes.all()) {
      const name = await box.evaluate((input) => input.closest('label')?.textContent.trim() ?? '');
      await box.setChecked(titles.includes(name));
    }
  }

  /** What it would take, or why it cannot be started. */
  estimate(): Locator {
    return this.dialog().getByRole('status');
  }

  /** Starts it; the dialog is gone once it is on its way. */
  async start(): Promise<void> {
    await this.dialog().getByRole('button', { name: this.#verb, exact: true }).click();
    await this.dialog().waitFor({ state: 'hidden' });
  }
}
