/** @file The images as points. */
import type { Locator, Page } from '@playwright/test';
import sharp from 'sharp';

export class MapScreen {
  readonly #page: () => Page;

  constructor(page: () => Page) {
    this.#page = page;
  }

  /** With the choices that are offered, and waits until it is there. */
  async makeFirst(): Promise<void> {
    await this.#page().getByRole('button', { name: 'Make a map', exact: true }).click();
    await this.surface().waitFor({ timeout: 120_000 });
  }

  /** Takes the keys, and is drawn on. */
  surface(): Locator {
    return this.#page().getByRole('application', { name: /^Map of / });
  }

  legend(): Locator {
    return this.#page().getByRole('region', { name: 'Legend' });
  }

  /** '12 images selected', on every screen that selects images. */
  selected(): Locator {
    return this.#page().getByRole('toolbar', { name: 'Selection' }).getByRole('status');
  }

  /** Around what lies left of the middle. */
  async lassoLeftHalf(): Promise<void> {
    const { x, y, width, height } = await this.#box();
    const { mouse } = this.#page();
    await mouse.move(x + 4, y + 4);
    await mouse.down();
    for (const [right, down] of [
      [0.5, 0],
      [0.5, 1],
      [0, 1],
    ] as const)
      await mouse.move(x + 4 + right * (width - 8), y + 4 + down * (height - 8), { steps: 4 });
    await mouse.up();
  }

  /** Goes across the middle until the image of a point is shown. */
  async hoverSomePoint(): Promise<void> {
    const { x, y, width, height } = await this.#box();
    const preview = this.surface().locator('.preview');
    for (let share = 0.1; share < 0.9 && !(await preview.isVisible()); share += 0.02)
      await this.#page().mouse.move(x + share * width, y + height * (0.3 + share / 3));
  }

  /** How much the left half of the map differs from an empty one: the largest deviation of a colour, 0…127. */
  async contrast(): Promise<number> {
    const { x, y, width, height } = await this.#box();
    const picture = await this.#page().screenshot({ clip: { x, y, width: width / 2, height } });
    const { channels } = await sharp(picture).stats();
    return Math.max(...channels.map(({ stdev }) => stdev));
  }

  /** Gives the map that is shown another name. */
  async rename(name: string): Promise<void> {
    const dialog = await this.#openMaps();
    await dialog.getByRole('button', { name: /^Rename / }).click();
    await dialog.getByRole('textbox').fill(name);
    await this.#page().keyboard.press('Enter');
    await dialog.getByRole('heading', { name }).waitFor();
    await this.#page().keyboard.press('Escape');
    await dialog.waitFor({ state: 'detached' });
  }

  /** Removes the only map there is, which is asked once more. */
  async removeOnly(name: string): Promise<void> {
    const dialog = await this.#openMaps();
    await dialog.getByRole('button', { name: `Remove ${name}` }).click();
    await dialog.getByRole('button', { name: 'Really remove?' }).click();
    await dialog.getByText('No maps any more.').waitFor();
    await this.#page().keyboard.press('Escape');
    await this.#page().getByRole('button', { name: 'Make a map', exact: true }).waitFor();
  }

  async #openMaps(): Promise<Locator> {
    await this.#page().getByRole('button', { name: 'Rename or remove maps' }).click();
    return this.#page().getByRole('dialog', { name: 'Maps' });
  }

  async groupSelection(name: string): Promise<void> {
    await this.#page()
      .getByRole('toolbar', { name: 'Selection' })
      .getByRole('button', { name: 'Group…' })
      .click();
    const dialog = this.#page().getByRole('dialog', { name: 'Define groups' });
    await dialog.getByRole('textbox').first().fill(name);
    await dialog.getByRole('button', { name: 'Define', exact: true }).click();
    await dialog.waitFor({ state: 'hidden' });
  }

  async #box() {
    const box = await this.surface().boundingBox();
    if (box === null) throw new Error('there is no map');
    return box;
  }
}
