/** @file Labels to a file. */
import type { Page } from '@playwright/test';

export class ExportDialog {
  readonly #page: () => Page;

  constructor(page: () => Page) {
    this.#page = page;
  }

  /** Opens the dialog by keyboard, names the file, and waits until it is written. */
  async exportTo(file: string): Promise<void> {
    await this.#page().keyboard.press('Control+e');
    const dialog = this.#page().getByRole('dialog', { name: 'Export labels' });
    await dialog.getByRole('textbox', { name: 'File' }).fill(file);
    await dialog.getByRole('button', { name: /^Export [\d,]+ row/ }).click();
    await dialog.getByRole('status').getByText('SHA-256').waitFor();
    await dialog.getByRole('button', { name: 'Done' }).click();
  }
}
