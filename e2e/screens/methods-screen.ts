/** @file What was measured about the methods. */
import type { Locator, Page } from '@playwright/test';
import { RunForm } from './run-form.ts';

export class MethodsScreen {
  readonly form: RunForm;
  readonly #page: () => Page;

  constructor(page: () => Page) {
    this.#page = page;
    this.form = new RunForm(page, 'Evaluate a method', 'Evaluate');
  }

  /** Opens the form for a measurement. */
  async evaluate(): Promise<void> {
    await this.#main().getByRole('button', { name: 'Evaluate a method…' }).first().click();
  }

  async lookAtModel(number: number): Promise<void> {
    await this.#main().getByLabel('Model', { exact: true }).selectOption(String(number));
  }

  async showKind(title: string): Promise<void> {
    await this.#main().getByRole('radiogroup', { name: 'Kind of evaluation' }).getByText(title).click();
  }

  /** The points of score against cost. */
  points(): Locator {
    return this.#main()
      .getByRole('group', { name: /against seconds/ })
      .getByRole('button');
  }

  /** One row for each evaluation, without the head. */
  rows(): Locator {
    return this.#main().getByRole('table').locator('tbody').getByRole('row');
  }

  async sortBy(column: string): Promise<void> {
    await this.#main().getByRole('columnheader', { name: column }).getByRole('button').click();
  }

  /** The chosen evaluation in full. */
  detail(): Locator {
    return this.#main().getByRole('region', { name: /^Evaluation of / });
  }

  async remove(index: number): Promise<void> {
    await this.rows()
      .nth(index)
      .getByRole('button', { name: /^Remove/ })
      .click();
  }

  #main(): Locator {
    return this.#page().getByRole('main');
  }
}
