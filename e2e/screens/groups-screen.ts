/** @file Groups of training images, and how much images depend on each. */
import type { Locator, Page } from '@playwright/test';
import { RunForm } from './run-form.ts';

export class GroupsScreen {
  readonly tracingForm: RunForm;
  readonly #page: () => Page;

  constructor(page: () => Page) {
    this.#page = page;
    this.tracingForm = new RunForm(page, 'Which groups?', 'Run');
  }

  /** One group for each class of the project. */
  async defineByClass(): Promise<void> {
    await this.#main().getByRole('button', { name: 'Define groups…' }).click();
    const dialog = this.#page().getByRole('dialog', { name: 'Define groups' });
    await dialog.getByRole('radio', { name: 'One for each class' }).check();
    await dialog.getByRole('button', { name: 'Define', exact: true }).click();
    await dialog.waitFor({ state: 'hidden' });
  }

  cards(): Locator {
    return this.#main().getByRole('article', { name: /^Group / });
  }

  async rename(name: string, to: string): Promise<void> {
    await this.#main()
      .getByRole('button', { name: `Rename ${name}`, exact: true })
      .click();
    await this.#page().getByRole('textbox', { name: 'Name of the group' }).fill(to);
    await this.#page().keyboard.press('Enter');
  }

  /** The image that is looked at, among those that the attribution covers. */
  chosenQuery(): Locator {
    return this.#main().getByRole('radiogroup', { name: 'Query image' }).locator('input:checked');
  }

  controls(): Locator {
    return this.#main().getByRole('list', { name: 'Controls' }).getByRole('listitem');
  }

  /** What is said of the group scores of the chosen image. */
  verdict(): Locator {
    return this.#main().getByRole('status').filter({ hasText: /stand/i });
  }

  /** The bars, and the share that no group stands out for. */
  bars(): Locator {
    return this.#main().getByRole('img', { name: /^Score of each group/ });
  }

  /** One row for each group, without the head. */
  async tableRows(): Promise<Locator> {
    const rows = this.#main().getByRole('table').locator('tbody').getByRole('row');
    if (!(await rows.first().isVisible())) await this.#main().getByText('Figures as a table').click();
    return rows;
  }

  async showPerImage(): Promise<void> {
    await this.#main().getByRole('radiogroup', { name: 'Scores' }).getByText('Per image').click();
  }

  #main(): Locator {
    return this.#page().getByRole('main');
  }
}
