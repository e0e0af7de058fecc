/** @file Training and what was trained. */
import type { Page } from '@playwright/test';

export interface Training {
  readonly architecture: 'Linear' | 'MLP' | 'CNN';
  readonly epochs: number;
  readonly folds: number;
}

export class ModelsScreen {
  readonly #page: () => Page;

  constructor(page: () => Page) {
    this.#page = page;
  }

  async train(training: Training): Promise<void> {
    const form = this.#page().getByRole('form', { name: 'Train a model' });
    await form.getByText(training.architecture, { exact: true }).click();
    await form.getByLabel('Epochs').fill(String(training.epochs));
    await form.getByLabel('Folds').fill(String(training.folds));
    await form.getByRole('button', { name: 'Train', exact: true }).click();
  }

  cards() {
    return this.#page().getByRole('article', { name: /^Model / });
  }
}
