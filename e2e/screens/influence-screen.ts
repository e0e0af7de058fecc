/** @file One image and the training images that pull its prediction. */
import type { Page } from '@playwright/test';

export class InfluenceScreen {
  readonly #page: () => Page;

  constructor(page: () => Page) {
    this.#page = page;
  }

  proponents() {
    return this.#page().getByRole('list', { name: 'Proponents' }).getByRole('listitem');
  }

  opponents() {
    return this.#page().getByRole('list', { name: 'Opponents' }).getByRole('listitem');
  }
}
