/** @file What screens know of images by id, fetched in pages as they come to need it and refetched when it changes. */
import { hasSample, type SampleSet } from '../../contract/sample-set.ts';
import type { SampleId } from '../../contract/vocabulary.ts';

interface CacheOptions<Entry> {
  /** What is known of these images; those that nothing is known of may be missing. */
  readonly fetch: (ids: SampleId[]) => Promise<readonly Entry[]>;
  /** So many are fetched at once. */
  readonly pageSize: number;
  /** So many are kept at least; of more, those that were asked for last. */
  readonly keptCount: number;
}

export class ImageCache<Entry extends { readonly id: SampleId }> {
  #version = $state(0);
  /** In the order in which they were asked for. */
  readonly #entries = new Map<SampleId, Entry>();
  readonly #stale = new Set<SampleId>();
  readonly #wanted = new Set<SampleId>();
  readonly #underWay = new Set<SampleId>();
  readonly #options: CacheOptions<Entry>;
  #fetching = Promise.resolve();
  #generation = 0;

  constructor(options: CacheOptions<Entry>) {
    this.#options = options;
  }

  /** Changes whenever an entry arrives or goes stale: whoever needs entries follows it and requests them anew. */
  get version(): number {
    return this.#version;
  }

  /** As last known; null until it has been fetched. A stale entry is shown until the new one is there. */
  get(id: SampleId): Entry | null {
    return this.#version >= 0 ? (this.#entries.get(id) ?? null) : null;
  }

  /** Fetches what is missing or stale; calls of one moment share their pages. */
  request(ids: Iterable<SampleId>): void {
    const wasIdle = this.#wanted.size === 0;
    for (const id of ids) {
      const entry = this.#entries.get(id);
      if (entry !== undefined) {
        this.#entries.delete(id);
        this.#entries.set(id, entry);
      }
      const isKnown = entry !== undefined && !this.#stale.has(id);
      if (!isKnown && !this.#underWay.has(id)) this.#wanted.add(id);
    }
    if (wasIdle) this.#fetching = Promise.resolve().then(() => this.#fetchWanted());
  }

  /** The same, and ends when what is asked for now has come. */
  async ready(ids: Iterable<SampleId>): Promise<void> {
    this.request(ids);
    await this.#fetching;
  }

  /** Their labels or decisions changed. */
  invalidate(images: SampleSet): void {
    for (const id of this.#entries.keys()) if (hasSample(images, id)) this.#stale.add(id);
    for (const id of this.#underWay) if (hasSample(images, id)) this.#stale.add(id);
    this.#version++;
  }

  /** Another project: its ids mean other images. */
  clear(): void {
    this.#generation++;
    this.#entries.clear();
    this.#stale.clear();
    this.#wanted.clear();
    this.#underWay.clear();
    this.#version++;
  }

  async #fetchWanted(): Promise<void> {
    const { pageSize } = this.#options;
    const ids = [...this.#wanted];
    this.#wanted.clear();
    const pages = Array.from({ length: Math.ceil(ids.length / pageSize) }, (_, page) =>
      this.#fetchPage(ids.slice(page * pageSize, (page + 1) * pageSize)),
    );
    await Promise.all(pages);
  }

  async #fetchPage(ids: SampleId[]): Promise<void> {
    const generation = this.#generation;
    for (const id of ids) {
      this.#underWay.add(id);
      this.#stale.delete(id); // what changes from here on makes it stale again
    }
    try {
      const entries = await this.#options.fetch(ids);
      if (generation !== this.#generation) return;
      for (const entry of entries) this.#entries.set(entry.id, entry);
      this.#dropOldest(ids.length);
      // Whoever hears of it asks for what is still missing: where nothing came that would never end.
      if (entries.length > 0) this.#version++;
    } finally {
      if (generation === this.#generation) for (const id of ids) this.#underWay.delete(id);
    }
  }

  /** Nothing of the page that has just come, however large it is. */
  #dropOldest(pageCount: number): void {
    const most = Math.max(this.#options.keptCount, pageCount);
    for (const id of this.#entries.keys()) {
      if (this.#entries.size <= most) return;
      this.#entries.delete(id);
      this.#stale.delete(id);
    }
  }
}
