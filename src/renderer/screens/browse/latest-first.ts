/** @file Work that is asked for faster than it can be done: one at a time, and next what was asked for last. */

export class LatestFirst<Wish> {
  readonly #work: (wish: Wish) => Promise<void>;
  #next: { readonly wish: Wish } | null = null;
  #isWorking = false;

  constructor(work: (wish: Wish) => Promise<void>) {
    this.#work = work;
  }

  ask(wish: Wish): void {
    this.#next = { wish };
    if (!this.#isWorking) void this.#go();
  }

  async #go(): Promise<void> {
    this.#isWorking = true;
    try {
      while (this.#next !== null) {
        const { wish } = this.#next;
        this.#next = null;
        await this.#work(wish);
      }
    } finally {
      this.#isWorking = false;
    }
  }
}
