/** @file The queue of doubtful labels. */
import { expect, type Locator, type Page } from '@playwright/test';

/** The image at hand. */
export interface QueueEntry {
  readonly rank: number;
  readonly path: string;
  readonly given: string;
  readonly suggested: string;
}

export class IssuesScreen {
  readonly #page: () => Page;

  constructor(page: () => Page) {
    this.#page = page;
  }

  async findProblems(): Promise<void> {
    await this.#page().getByRole('main').getByRole('button', { name: 'Find label problems' }).click();
  }

  async waitForQueue(timeout = 30_000): Promise<void> {
    await this.#verdict().waitFor({ timeout });
  }

  async current(): Promise<QueueEntry> {
    await this.waitForQueue();
    const verdict = this.#verdict();
    const name = (await verdict.getAttribute('aria-label')) ?? '';
    await expect(this.#path()).toHaveAttribute('title', /./);
    return {
      rank: Number(/\d+/.exec(name)?.[0]),
      path: (await this.#path().getAttribute('title')) ?? '',
      given: await labelUnder(verdict, 'Given'),
      suggested: await labelUnder(verdict, 'Suggested'),
    };
  }

  /** Presses one key for the image at hand, waits for the next one, and answers which image was decided. */
  async decideBy(key: 'k' | 'a' | 's'): Promise<QueueEntry> {
    const entry = await this.current();
    await this.#page().keyboard.press(key);
    await this.#leave(entry);
    return entry;
  }

  /** Names another class by keyboard; answers which image was decided. */
  async nameOther(className: string): Promise<QueueEntry> {
    const entry = await this.current();
    await this.#page().keyboard.press('o');
    await this.#page().getByRole('dialog').getByRole('combobox').fill(className);
    await this.#page().keyboard.press('Enter');
    await this.#leave(entry);
    return entry;
  }

  /** Trains and ranks again, with the labels as they are now. */
  async rankAgain(): Promise<void> {
    await this.stale().click();
  }

  /** What offers to rank again while the ranking is older than the labels. */
  stale() {
    return this.#page().getByRole('main').getByRole('button', { name: 'Rank again' });
  }

  /** '2 of 48 decided'. */
  decided() {
    return this.#page().getByRole('status').filter({ hasText: 'decided' });
  }

  /** Training images that pull towards the class. */
  pulls(className: string) {
    return this.#page()
      .getByRole('list', { name: `Pulled towards ${className} by` })
      .getByRole('listitem');
  }

  #verdict(): Locator {
    return this.#page().getByRole('region', { name: /^Image \d+ of the queue$/ });
  }

  #path(): Locator {
    return this.#verdict().getByRole('paragraph').first();
  }

  async #leave(entry: QueueEntry): Promise<void> {
    const same = this.#page().getByRole('region', { name: `Image ${entry.rank} of the queue`, exact: true });
    await expect(same).toBeHidden();
  }
}

async function labelUnder(verdict: Locator, title: string): Promise<string> {
  const text = await verdict
    .getByText(title, { exact: true })
    .locator('..')
    .getByRole('strong')
    .textContent();
  return text ?? '';
}
