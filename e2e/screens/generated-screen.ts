/** @file The images that models made or that were brought, and what stands behind each. */
import type { Locator, Page } from '@playwright/test';
import { RunForm } from './run-form.ts';

export class GeneratedScreen {
  readonly makingForm: RunForm;
  readonly tracingForm: RunForm;
  readonly #page: () => Page;

  constructor(page: () => Page) {
    this.#page = page;
    this.makingForm = new RunForm(page, 'Make images', 'Make');
    this.tracingForm = new RunForm(page, 'Which training images?', 'Run');
  }

  tiles(): Locator {
    return this.#page().getByRole('grid', { name: 'Query images' }).getByRole('gridcell');
  }

  /** Opens the form that has a model make images. */
  async makeImages(): Promise<void> {
    await this.#main().getByRole('button', { name: 'Make images…' }).first().click();
  }

  /** Adds one file; in the desktop app the native chooser has been told what to answer. */
  async addFile(file: string): Promise<void> {
    await this.#main().getByRole('button', { name: 'Add image files…' }).first().click();
    const path = this.#page().getByRole('dialog').getByRole('textbox', { name: 'Image file' });
    if (!(await path.isVisible())) return;
    await path.fill(file);
    await this.#page().getByRole('dialog').getByRole('button', { name: 'Add', exact: true }).click();
  }

  async lookAt(index: number): Promise<void> {
    await this.tiles().nth(index).click();
  }

  /** What is known of the image that is looked at. */
  detail(): Locator {
    return this.#main().locator('[role=region]').filter({ hasText: 'SHA-256' });
  }

  /** Opens the form that asks for training images. */
  async traceToImages(): Promise<void> {
    await this.#main().getByRole('button', { name: 'Which training images?' }).click();
  }

  /** Opens the form that asks for groups. */
  async traceToGroups(): Promise<void> {
    await this.#main().getByRole('button', { name: 'Which groups?' }).click();
  }

  proponents(): Locator {
    return this.#main().getByRole('list', { name: 'Proponents' }).getByRole('listitem');
  }

  /** What is said of the groups behind the image. */
  groups(): Locator {
    return this.#main().getByRole('region', { name: 'Groups behind it' });
  }

  async openInGroups(): Promise<void> {
    await this.groups().getByRole('button', { name: 'Open in Groups' }).click();
  }

  #main(): Locator {
    return this.#page().getByRole('main');
  }
}
