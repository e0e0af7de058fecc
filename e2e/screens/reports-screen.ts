/** @file Reports of cases, written and checked. */
import type { FrameLocator, Locator, Page } from '@playwright/test';

export class ReportsScreen {
  readonly #page: () => Page;

  constructor(page: () => Page) {
    this.#page = page;
  }

  /** The report as it would be written. */
  preview(): FrameLocator {
    return this.#main().frameLocator('iframe');
  }

  /** Where the names that code names stand for are written, apart from the report. */
  async keepKeyIn(file: string): Promise<void> {
    const panel = this.#main().getByRole('complementary', { name: 'Write the report' });
    await panel.getByRole('textbox', { name: 'Key of the code names' }).fill(file);
  }

  /** Writes the report in that form, and waits until it is there. */
  async write(form: 'HTML' | 'PDF' | 'Bundle', file: string, sign = false): Promise<void> {
    const panel = this.#main().getByRole('complementary', { name: 'Write the report' });
    await panel.getByText(form, { exact: true }).click();
    await panel.getByRole('textbox', { name: 'File' }).fill(file);
    if (sign) await panel.getByRole('checkbox', { name: /^Sign/ }).check();
    await panel.getByRole('button', { name: 'Write the report' }).click();
    await this.written().getByText('SHA-256').waitFor({ timeout: 60_000 });
  }

  written(): Locator {
    return this.#main().getByRole('status', { name: 'What was written' });
  }

  async verify(bundle: string): Promise<void> {
    const form = this.#main().getByRole('form', { name: 'Check a bundle' });
    await form.getByRole('textbox', { name: 'Bundle' }).fill(bundle);
    await form.getByRole('button', { name: 'Check', exact: true }).click();
    await this.rows().first().waitFor();
  }

  outcome(): Locator {
    return this.#main().getByRole('status', { name: 'Outcome of the check' });
  }

  /** What was checked; what did not pass first. */
  rows(): Locator {
    return this.#main().getByRole('table', { name: 'What was checked' }).locator('tbody').getByRole('row');
  }

  #main(): Locator {
    return this.#page().getByRole('main');
  }
}
