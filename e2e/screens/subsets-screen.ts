/** @file Choosing the images worth training on, and what was chosen. */
import type { Page } from '@playwright/test';

export class SubsetsScreen {
  readonly #page: () => Page;

  constructor(page: () => Page) {
    this.#page = page;
  }

  /** Sets the form and starts it; `share` in percent. */
  async choose(choices: {
    readonly strategy: string;
    readonly share: number;
    readonly name: string;
  }): Promise<void> {
    const form = this.#page().getByRole('form', { name: 'Choose a subset' });
    await form.getByRole('radio', { name: choices.strategy }).check();
    await form.getByRole('slider', { name: 'Budget' }).fill(String(choices.share));
    const name = form.getByRole('textbox', { name: 'Name' });
    if (!(await name.isVisible())) await form.getByText('More choices', { exact: true }).first().click();
    await name.fill(choices.name);
    await form.getByRole('button', { name: 'Choose', exact: true }).click();
  }

  card(name: string) {
    return this.#page().getByRole('article', { name: `Subset ${name}`, exact: true });
  }

  /** What the chosen budget would take. */
  estimate() {
    return this.#page().getByRole('form', { name: 'Choose a subset' }).getByRole('status');
  }

  async rename(name: string, to: string): Promise<void> {
    await this.card(name)
      .getByRole('button', { name: `Rename ${name}` })
      .click();
    await this.#page().getByRole('textbox', { name: 'Name of the subset' }).fill(to);
    await this.#page().keyboard.press('Enter');
  }

  async measure(name: string): Promise<void> {
    await this.card(name).getByRole('button', { name: 'Measure by training again' }).click();
  }

  async exportTo(name: string, file: string): Promise<void> {
    await this.card(name).getByRole('button', { name: 'Export…' }).click();
    const dialog = this.#page().getByRole('dialog', { name: `Export ${name}` });
    await dialog.getByRole('textbox', { name: 'File' }).fill(file);
    await dialog.getByRole('button', { name: /^Export [\d,]+ image/ }).click();
    await dialog.getByRole('status').getByText('SHA-256').waitFor();
    await dialog.getByRole('button', { name: 'Done' }).click();
  }

  async openInBrowse(name: string): Promise<void> {
    await this.card(name).getByRole('button', { name: 'Open in Browse' }).click();
  }

  async remove(name: string): Promise<void> {
    await this.card(name).getByRole('button', { name: 'Delete' }).click();
    await this.card(name).getByRole('button', { name: 'Really delete?' }).click();
  }
}
