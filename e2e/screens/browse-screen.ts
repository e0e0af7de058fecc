/** @file The grid of all images. */
import type { Page } from '@playwright/test';

export class BrowseScreen {
  readonly #page: () => Page;

  constructor(page: () => Page) {
    this.#page = page;
  }

  tiles() {
    return this.#page().getByRole('grid', { name: 'Images' }).getByRole('gridcell');
  }

  /** '240 images', or '24 of 240 images' where a filter holds. */
  count() {
    return this.#page()
      .getByRole('status')
      .filter({ hasText: /^[\d,]+ (of [\d,]+ )?images?$/ });
  }

  async showOnly(label: string): Promise<void> {
    await this.#page().getByRole('complementary', { name: 'Filter' }).getByLabel(label).check();
  }

  tagged() {
    return this.#page().getByRole('grid', { name: 'Images' }).locator('.tagged');
  }

  details() {
    return this.#page().getByRole('complementary', { name: 'Image details' });
  }

  filter() {
    return this.#page().getByRole('complementary', { name: 'Filter' });
  }

  /** Gives the images at these places a tag, by keyboard. */
  async tag(indices: readonly number[], name: string): Promise<void> {
    for (const [place, index] of indices.entries())
      await this.tiles()
        .nth(index)
        .click({ modifiers: place === 0 ? [] : ['ControlOrMeta'] });
    await this.#page().keyboard.press('t');
    const dialog = this.#page().getByRole('dialog');
    await dialog.getByRole('combobox').fill(name);
    await this.#page().keyboard.press('Enter');
    await dialog.waitFor({ state: 'detached' });
  }

  /** Gives the image at `index` another class, by keyboard. */
  async relabel(index: number, className: string): Promise<void> {
    await this.tiles().nth(index).click();
    await this.#page().keyboard.press('l');
    const dialog = this.#page().getByRole('dialog');
    await dialog.getByRole('combobox').fill(className);
    await this.#page().keyboard.press('Enter');
    await dialog.waitFor({ state: 'detached' });
  }
}
