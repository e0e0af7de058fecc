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

  /** The desktop's native folder chooser; its answer is set beforehand. */
  async chooseFolder(): Promise<void> {
    await this.#page().getByRole('button', { name: 'Choose folder…' }).click();
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
