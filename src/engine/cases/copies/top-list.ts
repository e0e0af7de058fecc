/** @file The few greatest of many numbers, kept in order while they stream by. */

export interface Ranked<Item> {
  readonly value: number;
  readonly item: Item;
}

export class TopList<Item> {
  readonly #limit: number;
  readonly #entries: Ranked<Item>[] = [];
  /** What the next one has to exceed. */
  threshold = -Infinity;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Of equal values the first that was offered stays before. */
  offer(value: number, item: Item): void {
    if (!(value > this.threshold)) return;
    const place = this.#entries.findLastIndex((entry) => entry.value >= value) + 1;
    this.#entries.splice(place, 0, { value, item });
    if (this.#entries.length > this.#limit) this.#entries.pop();
    if (this.#entries.length === this.#limit) this.threshold = this.#entries.at(-1)!.value;
  }

  /** The greatest first. */
  entries(): readonly Ranked<Item>[] {
    return this.#entries;
  }
}
