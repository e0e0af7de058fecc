/** @file The few greatest of many numbers, kept in order while they stream by. */

export interface Ranked<Item> {
  readonly value: number;
  readonly item: Item;
}

/** Lists are short, and after a while few items get in. */
export class TopList<Item> {
  readonly #limit: number;
  readonly #comesFirst: (item: Item, than: Item) => boolean;
  readonly #entries: Ranked<Item>[] = [];
  /** What the next one has to reach. */
  threshold: number;

  /** `comesFirst`: of items with equal values; where not given, the one that was offered first. */
  constructor(limit: number, comesFirst: (item: Item, than: Item) => boolean = () => false) {
    this.#limit = limit;
    this.#comesFirst = comesFirst;
    this.threshold = limit === 0 ? Infinity : -Infinity;
  }

  /** NaN is no number to rank, and is left out. */
  offer(value: number, item: Item): void {
    if (!(value >= this.threshold)) return;
    const entries = this.#entries;
    let place = entries.length;
    while (place > 0 && this.#isBefore(value, item, entries[place - 1]!)) place--;
    if (place >= this.#limit) return;
    entries.splice(place, 0, { value, item });
    if (entries.length > this.#limit) entries.pop();
    if (entries.length === this.#limit) this.threshold = entries.at(-1)!.value;
  }

  /** The greatest first. */
  entries(): readonly Ranked<Item>[] {
    return this.#entries;
  }

  #isBefore(value: number, item: Item, than: Ranked<Item>): boolean {
    return value > than.value || (value === than.value && this.#comesFirst(item, than.item));
  }
}
