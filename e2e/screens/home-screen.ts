/** @file Where one starts. */
import type { Page } from '@playwright/test';

export class HomeScreen {
  readonly #page: () => Page;

  constructor(page: () => Page) {
    this.#page = page;
  }

  async trySample(): Promise<void> {
    await this.#page().getByRole('button', { name: 'Try the sample' }).click();
  }

  /** By the desktop's native folder chooser, whose answer is set beforehand; in a browser by its path. */
  async chooseSource(source: string): Promise<void> {
    const zone = this.#page().getByRole('group', { name: 'New project from images' });
    const choose = zone.getByRole('button', { name: 'Choose folder…' });
    const field = zone.getByRole('textbox', { name: 'Folder, archive or table' });
    await choose.or(field).waitFor();
    if (await choose.isVisible()) return choose.click();
    await field.fill(source);
    await field.press('Enter');
  }

  /** The native chooser of an archive or table. */
  async chooseFile(): Promise<void> {
    await this.#page().getByRole('button', { name: 'Choose file…' }).click();
  }

  async openRecent(projectName: string): Promise<void> {
    const recent = this.#page().getByRole('region', { name: 'Recent projects' });
    await recent.getByRole('button', { name: projectName }).first().click();
  }
}
