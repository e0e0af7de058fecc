/** @file From a source to a project. */
import type { Page } from '@playwright/test';

export class ImportScreen {
  readonly #page: () => Page;

  constructor(page: () => Page) {
    this.#page = page;
  }

  /** Says where the project goes, imports, and waits for the end. */
  async importInto(projectPath: string): Promise<void> {
    const folder = this.#page().getByRole('textbox', { name: 'Project folder' });
    await folder.fill(projectPath);
    await this.#page()
      .getByRole('button', { name: /^Import [\d,]+ images/ })
      .click();
    await this.#page().getByRole('button', { name: 'Browse images' }).waitFor({ timeout: 60_000 });
  }

  /** What a guess about the source is, or is to be: 'Label column'. */
  choice(name: string) {
    return this.#page().getByRole('group', { name: 'How it is read' }).getByRole('combobox', { name });
  }

  /** What was recognised, before anything is imported. */
  layout() {
    return this.#page().getByRole('region').getByRole('heading', { level: 2 });
  }

  async chooseAnother(): Promise<void> {
    await this.#page().getByRole('button', { name: 'Choose another' }).click();
  }

  async importSomethingElse(): Promise<void> {
    await this.#page().getByRole('button', { name: 'Import something else' }).click();
  }

  /** Says that it is read as it was corrected at an earlier import. */
  remembered() {
    return this.#page().getByText('Read as you chose it at an earlier import.');
  }

  async guessAnew(): Promise<void> {
    await this.#page().getByRole('button', { name: 'Guess anew' }).click();
  }

  /** '3,006 images in fashion'. */
  outcome() {
    return this.#page().getByRole('heading', { level: 2 }).filter({ hasText: 'images in' });
  }

  /** One row per file that could not be read. */
  problems() {
    return this.#page()
      .getByRole('region', { name: /^Problems/ })
      .getByRole('row');
  }
}
