/**
 * @file A ranking that is worked through from its top, fetched page by page: where the reviewer stands, the next undecided one, what was
 * decided. The queues of label issues and of image issues are two of them.
 */
import { nextOpenIndex, pagesHolding, PAGE_SIZE } from './ranking-pages.ts';

export interface Ranked {
  /** 1 is the first. */
  readonly rank: number;
  readonly state: string;
}

export interface RankingPage {
  readonly from: number;
  readonly count: number;
  readonly state: 'open' | 'all';
}

interface RankingOptions<Item> {
  /** How many beyond the one at hand are fetched. */
  readonly lookAhead: number;
  /** null: it failed, which has been told. */
  readonly fetch: (page: RankingPage) => Promise<readonly Item[] | null>;
  /** Gets ready what is at hand and what comes next. */
  readonly prepare: (items: readonly Item[]) => Promise<void>;
}

export class Ranking<Item extends Ranked> {
  /** How many are ranked. */
  total = $state(0);
  cursor = $state(0);
  /** Everything is decided: the queue is done. */
  finished = $state(false);
  readonly current = $derived(this.at(this.cursor) ?? null);
  /** By rank − 1, of the pages that were fetched: a ranking may be of a million. */
  readonly #fetched = new Map<number, Item>();
  #version = $state(0);
  readonly #options: RankingOptions<Item>;
  /** Counts rankings: an answer about an earlier one is dropped. */
  #generation = 0;
  /** What is at hand is decided and the next one not there yet: keys are not for either. */
  #isFetchingNext = false;

  constructor(options: RankingOptions<Item>) {
    this.#options = options;
  }

  /** The one of rank `index` + 1; undefined where its page is not fetched yet. */
  at(index: number): Item | undefined {
    return this.#version >= 0 ? this.#fetched.get(index) : undefined;
  }

  clear(): void {
    this.#generation++;
    this.#fetched.clear();
    this.#version++;
    this.total = 0;
    this.cursor = 0;
    this.finished = false;
    this.#isFetchingNext = false;
  }

  /** Another ranking of so many, at its first undecided one. */
  async open(total: number): Promise<void> {
    this.clear();
    if (total === 0) return;
    const generation = this.#generation;
    this.total = total;
    const open = await this.#options.fetch({ from: 0, count: 1, state: 'open' });
    if (generation !== this.#generation) return;
    const first = open?.[0];
    this.finished = open !== null && first === undefined;
    await this.go(first === undefined ? 0 : first.rank - 1);
  }

  async go(index: number): Promise<void> {
    const bounded = Math.max(0, Math.min(this.total - 1, index));
    // At once where it is known: a next key pressed right away must find the next one.
    if (!this.#fetched.has(bounded) && !(await this.#load([bounded]))) return;
    this.cursor = bounded;
    const ahead = Array.from({ length: this.#options.lookAhead + 1 }, (_, step) => bounded + step);
    const generation = this.#generation;
    await this.#load(ahead);
    if (generation !== this.#generation) return;
    await this.#options.prepare(
      ahead.map((place) => this.#fetched.get(place)).filter((item) => item !== undefined),
    );
  }

  /** Puts a decision on what is at hand and goes on at once; `store` is not waited for, and where it fails all is as before. */
  async decide(decided: Item, store: () => Promise<boolean>): Promise<void> {
    const item = this.current;
    if (item === null || this.#isFetchingNext) return;
    const generation = this.#generation;
    this.#put(decided);
    const [stored] = await Promise.all([store(), this.#advance()]);
    if (stored || generation !== this.#generation) return;
    this.#put(item);
    this.finished = false;
    this.cursor = item.rank - 1;
  }

  /** The place of the first one that is fetched and meant, −1 where there is none. */
  placeOf(isMeant: (item: Item) => boolean): number {
    return this.#placesOf(isMeant)[0] ?? -1;
  }

  /** Shows what an undo or redo has touched; nothing where it is not among what was fetched. */
  async show(isMeant: (item: Item) => boolean): Promise<void> {
    const index = this.placeOf(isMeant);
    if (index < 0) return;
    this.finished = false;
    await this.go(index);
  }

  /** Fetches again the pages that show what is meant. */
  async reread(isMeant: (item: Item) => boolean): Promise<void> {
    await this.#fetchPages(pagesHolding(this.#placesOf(isMeant)));
  }

  /** Goes to the next undecided one, round the end if need be; none left: the queue is finished. */
  async #advance(): Promise<void> {
    for (;;) {
      const next = nextOpenIndex((index) => this.#fetched.get(index), this.total, this.cursor);
      if (next.kind === 'open') return this.go(next.index);
      if (next.kind === 'none') {
        this.finished = true;
        return;
      }
      this.#isFetchingNext = true;
      const loaded = await this.#load([next.index]);
      this.#isFetchingNext = false;
      if (!loaded) return;
    }
  }

  /** Fetches the pages that hold these places, where they are missing. */
  #load(places: readonly number[]): Promise<boolean> {
    const missing = places.filter((place) => place < this.total && !this.#fetched.has(place));
    return this.#fetchPages(pagesHolding(missing));
  }

  async #fetchPages(pages: readonly number[]): Promise<boolean> {
    const generation = this.#generation;
    for (const page of pages) {
      const found = await this.#options.fetch({ from: page * PAGE_SIZE, count: PAGE_SIZE, state: 'all' });
      if (found === null || generation !== this.#generation) return false;
      for (const item of found) this.#fetched.set(item.rank - 1, item);
      this.#version++;
    }
    return true;
  }

  #put(item: Item): void {
    this.#fetched.set(item.rank - 1, item);
    this.#version++;
  }

  /** The places of all that are fetched and meant, in order. */
  #placesOf(isMeant: (item: Item) => boolean): number[] {
    return [...this.#fetched]
      .filter(([, item]) => isMeant(item))
      .map(([place]) => place)
      .toSorted((a, b) => a - b);
  }
}
