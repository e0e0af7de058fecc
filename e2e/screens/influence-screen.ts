/** @file One image and the training images that pull its prediction. */
import type { Locator, Page } from '@playwright/test';
import { RunForm } from './run-form.ts';

export class InfluenceScreen {
  readonly form: RunForm;
  readonly #page: () => Page;

  constructor(page: () => Page) {
    this.#page = page;
    this.form = new RunForm(page, 'Estimate influence', 'Run');
  }

  proponents() {
    return this.#page().getByRole('list', { name: 'Proponents' }).getByRole('listitem');
  }

  /** The image that is explained. */
  subject(): Locator {
    return this.#page().getByRole('complementary', { name: 'Explained image' });
  }

  opponents() {
    return this.#page().getByRole('list', { name: 'Opponents' }).getByRole('listitem');
  }

  /** Flags a training image by the key that does it on what has the focus. */
  async flagByKey(entry: Locator): Promise<void> {
    await entry.getByRole('link').focus();
    await this.#page().keyboard.press('f');
  }

  /** How the shown influences were estimated. */
  how(): Locator {
    return this.#page().getByRole('region', { name: 'How it was estimated' });
  }

  /** How far the scores can be trusted. */
  badge(): Locator {
    return this.how().getByTestId('validity');
  }

  /** Why; shown while the pointer or the focus is on the badge. */
  explanation(): Locator {
    return this.how().getByRole('tooltip');
  }

  /** Opens the form for another estimate. */
  async estimateAnew(): Promise<void> {
    await this.how().getByRole('button', { name: 'Estimate anew…' }).click();
  }

  /** Opens the form that measures this way to estimate. */
  async evaluate(): Promise<void> {
    await this.how()
      .getByRole('button', { name: /^Evaluate/ })
      .click();
  }

  /** Which of several estimates is looked at. */
  estimates(): Locator {
    return this.how().getByLabel('Estimate', { exact: true });
  }
}
