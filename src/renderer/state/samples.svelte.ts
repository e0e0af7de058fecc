/** @file What Browse shows: the filter, its matching ids, their tiles, and one image in full. */
import type {
  QueryCompletions,
  SampleFacets,
  SampleFilter,
  SampleHistogram,
  SampleOrder,
} from '../../contract/samples-service.ts';
import type { SampleId, SampleTile } from '../../contract/vocabulary.ts';
import type { Connection, EngineClients } from './connection.svelte.ts';
import type { Project } from './project.svelte.ts';
import type { Selection } from './selection.svelte.ts';
import { ImageCache } from './image-cache.svelte.ts';
import type { Toasts } from './toasts.svelte.ts';

export type SampleDetail = Awaited<ReturnType<EngineClients['samples']['get']>>;
/** Every condition spelled out. */
export type Filter = { readonly [Name in keyof SampleFilter]-?: Exclude<SampleFilter[Name], undefined> };

export const emptyFilter: Filter = {
  text: '',
  query: '',
  labels: [],
  splits: [],
  decisions: [],
  onlyIssues: false,
  onlyMissing: false,
  onlyExcluded: false,
  suggestedLabels: [],
  tags: [],
  columns: [],
  ranges: [],
  subset: null,
};

const importOrder: SampleOrder = { by: 'import', descending: false };
const FACET_DELAY_MS = 120;
/** The contract answers at most this many tiles at once. */
const TILE_PAGE = 500;
const KEPT_TILES = 20_000;
const noIds = new Int32Array(0);

export class Samples {
  filter = $state.raw<Filter>(emptyFilter);
  order = $state.raw<SampleOrder>(importOrder);
  ids = $state.raw<Int32Array>(noIds);
  /** The grid shows the answer to an earlier question. */
  isAsking = $state(false);
  elapsedMs = $state<number | null>(null);
  facets = $state.raw<SampleFacets | null>(null);
  /** Of the fields that are watched. */
  histograms = $state.raw<ReadonlyMap<string, SampleHistogram | null>>(new Map());
  readonly #watched = new Map<string, number>();
  /** False until the first answer for this project is there: nothing found is different from not yet known. */
  loaded = $state(false);
  /** Bumped when labels or decisions of any image changed. */
  changeCount = $state(0);
  readonly tiles: ImageCache<SampleTile>;
  readonly #connection: Connection;
  readonly #project: Project;
  readonly #selection: Selection;
  readonly #toasts: Toasts;
  #latestQuery = 0;
  #facetTimer: ReturnType<typeof setTimeout> | null = null;

  constructor(connection: Connection, project: Project, selection: Selection, toasts: Toasts) {
    this.#connection = connection;
    this.#project = project;
    this.#selection = selection;
    this.#toasts = toasts;
    this.tiles = new ImageCache({
      fetch: async (ids) => (await toasts.attempt(() => connection.engine.samples.tiles({ ids }))) ?? [],
      pageSize: TILE_PAGE,
      keptCount: KEPT_TILES,
    });
    connection.onReady((engine) => {
      engine.samples.on('changed', ({ images }) => {
        this.tiles.invalidate(images);
        this.changeCount++;
        this.#requestFacets();
      });
    });
    project.onOpened(() => this.#reset());
  }

  get isFiltered(): boolean {
    return JSON.stringify(this.filter) !== JSON.stringify(emptyFilter);
  }

  setFilter(change: Partial<Filter>): void {
    this.filter = { ...this.filter, ...change };
    this.#selection.resetCursor();
    void this.query();
  }

  setOrder(order: SampleOrder): void {
    this.order = order;
    this.#selection.resetCursor();
    void this.query();
  }

  /** Another filter and order at once. */
  show(filter: Filter, order: SampleOrder): void {
    this.order = order;
    this.setFilter(filter);
  }

  /** Asks again; an answer that a later question has overtaken is dropped. */
  async query(): Promise<void> {
    if (this.#project.summary === null) return;
    const query = ++this.#latestQuery;
    this.isAsking = true;
    const request = { filter: this.filter, order: this.order };
    const result = await this.#toasts.attempt(() => this.#connection.engine.samples.query(request));
    if (query !== this.#latestQuery) return;
    this.isAsking = false;
    if (result === null) return;
    this.ids = result.ids;
    this.elapsedMs = result.elapsedMs;
    this.loaded = true;
    this.#requestFacets();
  }

  /** What may stand at the cursor of a query, and why it cannot be answered yet; null where asking failed. */
  complete(query: string, cursor: number): Promise<QueryCompletions | null> {
    return this.#toasts.attempt(() => this.#connection.engine.samples.complete({ query, cursor }));
  }

  detail(id: SampleId): Promise<SampleDetail | null> {
    return this.#toasts.attempt(() => this.#connection.engine.samples.get({ id }));
  }

  /** What the order goes by, of some of the images; null where asking failed. */
  orderValues(ids: SampleId[]): Promise<readonly (string | number | null)[] | null> {
    const { by } = this.order;
    return this.#toasts.attempt(() => this.#connection.engine.samples.orderValues({ by, ids }));
  }

  /** Keeps the histogram of a field counted until the answer is called. */
  watchHistogram(field: string): () => void {
    this.#watched.set(field, (this.#watched.get(field) ?? 0) + 1);
    this.#requestFacets();
    return () => {
      const watchers = (this.#watched.get(field) ?? 1) - 1;
      if (watchers > 0) this.#watched.set(field, watchers);
      else this.#watched.delete(field);
    };
  }

  /** Counts follow the grid, a moment later: many small changes ask once. */
  #requestFacets(): void {
    if (this.#facetTimer !== null) clearTimeout(this.#facetTimer);
    this.#facetTimer = setTimeout(() => void this.#readFacets(), FACET_DELAY_MS);
  }

  async #readFacets(): Promise<void> {
    if (this.#project.summary === null) return;
    const filter = this.filter;
    const facets = await this.#toasts.attempt(() => this.#connection.engine.samples.facets({ filter }));
    if (filter === this.filter) this.facets = facets ?? this.facets;
    const fields = [...this.#watched.keys()];
    if (fields.length === 0) return;
    const counted = await this.#toasts.attempt(() =>
      this.#connection.engine.samples.histograms({ filter, fields }),
    );
    if (counted === null || filter !== this.filter) return;
    this.histograms = new Map(fields.map((field, index) => [field, counted[index] ?? null]));
  }

  #reset(): void {
    this.#latestQuery++;
    this.filter = emptyFilter;
    this.order = importOrder;
    this.ids = noIds;
    this.loaded = false;
    this.facets = null;
    this.histograms = new Map();
    this.tiles.clear();
    this.#selection.clear();
    this.#selection.resetCursor();
    void this.query();
  }
}
