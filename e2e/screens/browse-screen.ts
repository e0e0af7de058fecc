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

  query() {
    return this.#page().getByRole('combobox', { name: 'Query' });
  }

  /** What is offered at the cursor of the query. */
  offered() {
    return this.#page().getByRole('listbox', { name: 'What may stand here' }).getByRole('option');
  }

  queryError() {
    return this.#page().getByRole('main').getByRole('alert');
  }

  /** Writes a query and asks it. */
  async ask(query: string): Promise<void> {
    await this.query().fill(query);
    await this.query().press('Enter');
  }

  async showAsList(): Promise<void> {
    await this.#page().getByRole('radiogroup', { name: 'Shape' }).getByText('List').click();
  }

  views() {
    return this.#page().getByRole('region', { name: 'Saved views' });
  }

  async saveView(name: string): Promise<void> {
    await this.views().getByRole('button', { name: 'Save this view' }).click();
    await this.views().getByRole('textbox', { name: 'Name of the view' }).fill(name);
    await this.#page().keyboard.press('Enter');
  }

  histogram(field: string) {
    return this.#page().getByRole('group', { name: `${field} histogram` });
  }

  /** One end of what is chosen over a histogram. */
  async histogramEnd(field: string, end: 'from' | 'to') {
    await this.filter().getByText(field, { exact: true }).click();
    return this.filter().getByRole('slider', { name: `${field} ${end}` });
  }

  /** Gives a tag another name in the dialog of all tags. */
  async renameTag(name: string, newName: string): Promise<void> {
    await this.filter().getByRole('button', { name: 'Rename or remove tags' }).click();
    const dialog = this.#page().getByRole('dialog');
    await dialog.getByRole('textbox', { name: `Name of the tag ${name}` }).fill(newName);
    await this.#page().keyboard.press('Enter');
    await dialog.getByRole('textbox', { name: `Name of the tag ${newName}` }).waitFor();
    await this.#page().keyboard.press('Escape');
  }

  /** Gives images another label, by keyboard. */
  async relabel(indices: readonly number[], className: string): Promise<void> {
    await this.select(indices);
    await this.#page().keyboard.press('l');
    const dialog = this.#page().getByRole('dialog');
    await dialog.getByRole('combobox').fill(className);
    await this.#page().keyboard.press('Enter');
    await dialog.waitFor({ state: 'detached' });
  }

  /** Opens what pulls the model's prediction of this image. */
  async explain(index: number): Promise<void> {
    await this.select([index]);
    await this.details().getByRole('button', { name: 'Explain' }).click();
  }

  /** These places, and nothing else. */
  async select(indices: readonly number[]): Promise<void> {
    for (const [place, index] of indices.entries())
      await this.tiles()
        .nth(index)
        .click({ modifiers: place === 0 ? [] : ['ControlOrMeta'] });
  }

  /** Gives the images at these places a tag, by keyboard. */
  async tag(indices: readonly number[], name: string): Promise<void> {
    await this.select(indices);
    await this.#page().keyboard.press('t');
    const dialog = this.#page().getByRole('dialog');
    await dialog.getByRole('combobox').fill(name);
    await this.#page().keyboard.press('Enter');
    await dialog.waitFor({ state: 'detached' });
  }

  /** Excludes the images at these places, or includes them again, by keyboard. */
  async exclude(indices: readonly number[]): Promise<void> {
    await this.select(indices);
    await this.#page().keyboard.press('x');
  }

  /** Beside the grid: what its order means at each place. */
  scrubber() {
    return this.#page().getByRole('slider', { name: 'Place in the order' });
  }

  /** Drags the scrubber down to a share of its height and lets go. */
  async scrubTo(share: number): Promise<void> {
    const box = await this.scrubber().boundingBox();
    if (box === null) throw new Error('there is no scrubber');
    const { mouse } = this.#page();
    await mouse.move(box.x + 10, box.y + 4);
    await mouse.down();
    await mouse.move(box.x + 10, box.y + share * box.height, { steps: 8 });
    await mouse.up();
  }

  /** Scrolls from end to end and back, so many times. */
  async jumpAbout(count: number): Promise<void> {
    await this.#page()
      .getByRole('grid', { name: 'Images' })
      .evaluate(async (grid, jumps) => {
        for (let jump = 1; jump <= jumps; jump++) {
          grid.scrollTop = jump % 2 === 0 ? 0 : grid.scrollHeight;
          await new Promise((resolve) => setTimeout(resolve, 30));
        }
      }, count);
  }

  async orderBy(name: string): Promise<void> {
    await this.#page().getByRole('combobox', { name: 'Order' }).selectOption(name);
  }

  /** The name of the image that is looked at beside another. */
  compared() {
    return this.#page().getByRole('dialog', { name: 'Compare two images' }).getByRole('img');
  }

  /** Drags the image at `index`, and what is selected with it, onto a group. `during`: while it is held there. */
  async dragToGroup(index: number, group: string, during: () => Promise<void>): Promise<void> {
    await this.tiles().nth(index).hover();
    const { mouse } = this.#page();
    await mouse.down();
    const from = await this.tiles().nth(index).boundingBox();
    await mouse.move((from?.x ?? 0) + 60, (from?.y ?? 0) + 60, { steps: 4 });
    const tray = this.#page().getByRole('complementary', { name: 'Drop on a group' });
    const target = tray.getByTestId('drop-target').filter({ hasText: group });
    await target.waitFor();
    await target.hover();
    await during();
    await mouse.up();
    await tray.waitFor({ state: 'detached' });
  }

  excluded() {
    return this.tiles().getByRole('img', { name: 'Excluded' });
  }
}
