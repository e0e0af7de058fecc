/** @file Training, bringing a model, and what is there. */
import type { Page } from '@playwright/test';

export interface Training {
  /** Where it starts anew. */
  readonly architecture?: 'Linear' | 'MLP' | 'CNN';
  readonly epochs: number;
  readonly folds: number;
}

/** By the labels of the form. */
export type GeneratorTraining = Readonly<
  Record<'Steps' | 'Batch size' | 'Image size' | 'Steps of time' | 'Checkpoints', number>
>;

export interface GeneratorFiles {
  readonly model: string;
  readonly schedule: string;
  /** In the words of the form. */
  readonly predicts: string;
}

export class ModelsScreen {
  readonly #page: () => Page;

  constructor(page: () => Page) {
    this.#page = page;
  }

  /** Opens the confusion matrix of the newest model. */
  async showConfusion(): Promise<void> {
    await this.#page().getByRole('button', { name: 'Confusion matrix…' }).first().click();
    await this.#page()
      .getByRole('dialog', { name: /^Confusion matrix of/ })
      .waitFor();
  }

  /** Its numbers, those of the first row first. */
  confusionNumbers() {
    return this.#page()
      .getByRole('dialog')
      .getByRole('button', { name: /labelled .+, predicted/ });
  }

  async train(training: Training): Promise<void> {
    const form = this.#page().getByRole('form', { name: 'Train a model' });
    if (training.architecture !== undefined)
      await form.getByText(training.architecture, { exact: true }).click();
    await form.getByLabel('Epochs').fill(String(training.epochs));
    await form.getByLabel('Folds').fill(String(training.folds));
    await form.getByRole('button', { name: 'Train', exact: true }).click();
  }

  /** Trains a model that makes images, told the class of each. */
  async trainGenerator(training: GeneratorTraining): Promise<void> {
    await this.#page().getByRole('radiogroup', { name: 'What it does' }).getByText('Makes images').click();
    const form = this.#page().getByRole('form', { name: 'Train a generative model' });
    await form.getByText('More settings', { exact: true }).click();
    for (const [label, value] of Object.entries(training))
      await form.getByLabel(label, { exact: true }).fill(String(value));
    await form.getByLabel('Told the class of each image').check();
    await form.getByRole('button', { name: 'Train', exact: true }).click();
  }

  /** What generative models made while they were trained. */
  sheets() {
    return this.cards().getByRole('img', { name: /^Images made at step/ });
  }

  /** Opens the dialog and has the file looked into; in the desktop app the native chooser has been told what to answer. */
  async lookInto(file: string): Promise<void> {
    await this.#page().getByRole('button', { name: 'Add model…' }).click();
    const path = this.dialog().getByRole('textbox', { name: 'ONNX file' });
    if (await path.isVisible()) {
      await path.fill(file);
      await this.dialog().getByRole('button', { name: 'Look at it' }).click();
    } else await this.dialog().getByRole('button', { name: 'Choose file…' }).click();
  }

  /** Brings a model that makes images, by the paths of its files. */
  async addGenerator({ model, schedule, predicts }: GeneratorFiles): Promise<void> {
    await this.#page().getByRole('button', { name: 'Add generative model…' }).click();
    const dialog = this.generatorDialog();
    await dialog.getByRole('textbox', { name: 'ONNX file' }).fill(model);
    await dialog.getByRole('textbox', { name: 'Noise schedule' }).fill(schedule);
    await dialog.getByLabel('It predicts').selectOption(predicts);
    await dialog.getByRole('button', { name: 'Add and measure' }).click();
  }

  generatorDialog() {
    return this.#page().getByRole('dialog', { name: 'Add a generative model' });
  }

  dialog() {
    return this.#page().getByRole('dialog', { name: 'Add model' });
  }

  /** What the file turned out to be. */
  report() {
    return this.dialog().getByRole('region', { name: /^Report on / });
  }

  /** Why the file, or the choices, cannot be used. */
  refusal() {
    return this.dialog().getByRole('status');
  }

  /** Unfolds what few people need. */
  async showAllChoices(): Promise<void> {
    for (const summary of await this.dialog().locator('summary').all()) await summary.click();
  }

  /** Says by a list which class every output stands for. */
  async nameOutputs(names: readonly string[]): Promise<void> {
    await this.dialog().getByText('List of names', { exact: true }).click();
    await this.dialog()
      .getByRole('textbox', { name: /^Names of the/ })
      .fill(names.join('\n'));
  }

  async addIt(): Promise<void> {
    await this.dialog().getByRole('button', { name: 'Add and evaluate' }).click();
    await this.dialog().waitFor({ state: 'hidden' });
  }

  /** Asks for the training images behind the predictions of the model called `name`. */
  async estimateInfluence(name: string): Promise<void> {
    const card = this.#page().getByRole('article', { name: `Model ${name}`, exact: true });
    await card.getByRole('button', { name: 'Estimate influence…' }).click();
    const dialog = this.#page().getByRole('dialog', { name: 'Estimate influence' });
    await dialog.getByRole('button', { name: 'Run' }).click();
    await dialog.waitFor({ state: 'hidden' });
  }

  async startFrom(name: string): Promise<void> {
    await this.#page()
      .getByRole('form', { name: 'Train a model' })
      .getByLabel('Start from')
      .selectOption(name);
  }

  cards() {
    return this.#page().getByRole('article', { name: /^Model / });
  }
}
