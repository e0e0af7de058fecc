/** @file Tiles of images by id, fetched in pages as screens come to need them and refetched when they change. */
import { hasSample, type SampleSet } from '../../contract/sample-set.ts';
import type { SampleId, SampleTile } from '../../contract/vocabulary.ts';

/** The contract answers at most this many tiles at once. */
const PAGE_SIZE = 500;

export class TileCache {
  #version = $state(0);
  readonly #tiles = new Map<SampleId, SampleTile>();
  readonly #stale = new Set<SampleId>();
  readonly #wanted = new Set<SampleId>();
  readonly #underWay = new Set<SampleId>();
  readonly #fetchTiles: (ids: SampleId[]) => Promise<readonly SampleTile[]>;
  #generation = 0;

  constructor(fetchTiles: (ids: SampleId[]) => Promise<readonly SampleTile[]>) {
    this.#fetchTiles = fetchTiles;
  }

  /** Changes whenever any tile arrives or goes stale: read it in an effect that asks for tiles. */
  get version(): number {
    return this.#version;
  }

  /** The tile as last known; null until it has been fetched. A stale tile is shown until the new one is there. */
  get(id: SampleId): SampleTile | null {
    return this.#version >= 0 ? (this.#tiles.get(id) ?? null) : null;
  }

  /** Fetches what is missing or stale; calls of one moment share their pages. */
  request(ids: Iterable<SampleId>): void {
    const wasIdle = this.#wanted.size === 0;
    for (const id of ids) {
      const known = this.#tiles.has(id) && !this.#stale.has(id);
      if (!known && !this.#underWay.has(id)) this.#wanted.add(id);
    }
    if (wasIdle) queueMicrotask(() => this.#fetchWanted());
  }

  /** Their labels or decisions changed. */
  invalidate(images: SampleSet): void {
    for (const id of this.#tiles.keys()) if (hasSample(images, id)) this.#stale.add(id);
    for (const id of this.#underWay) if (hasSample(images, id)) this.#stale.add(id);
    this.#version++;
  }

  /** Another project: its ids mean other images. */
  clear(): void {
    this.#generation++;
    this.#tiles.clear();
    this.#stale.clear();
    this.#wanted.clear();
    this.#underWay.clear();
    this.#version++;
  }

  #fetchWanted(): void {
    const ids = [...this.#wanted];
    this.#wanted.clear();
    for (let from = 0; from < ids.length; from += PAGE_SIZE)
      void this.#fetchPage(ids.slice(from, from + PAGE_SIZE));
  }

  async #fetchPage(ids: SampleId[]): Promise<void> {
    const generation = this.#generation;
    for (const id of ids) {
      this.#underWay.add(id);
      this.#stale.delete(id); // what changes from here on makes it stale again
    }
    try {
      const tiles = await this.#fetchTiles(ids);
      if (generation !== this.#generation) return;
      for (const tile of tiles) this.#tiles.set(tile.id, tile);
      // Whoever hears of it asks for what is still missing: where nothing came that would never end.
      if (tiles.length > 0) this.#version++;
    } finally {
      if (generation === this.#generation) for (const id of ids) this.#underWay.delete(id);
    }
  }
}
