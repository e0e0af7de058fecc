/** @file Maps of the images: which there are, the one that is shown, what its points are coloured by, and setting up the next. */
import { MapConfig, type ImageMap, type MapColouring, type MapColours } from '../../contract/maps-service.ts';
import type { Run } from '../../contract/runs-service.ts';
import type { MapId } from '../../contract/vocabulary.ts';
import type { Connection, EngineClients } from './connection.svelte.ts';
import { PlannedRun } from './planned-run.svelte.ts';
import type { Project } from './project.svelte.ts';
import type { Runs } from './runs.svelte.ts';
import type { Toasts } from './toasts.svelte.ts';

export type MapPoints = Awaited<ReturnType<EngineClients['maps']['points']>>;

interface Parts {
  readonly connection: Connection;
  readonly project: Project;
  readonly runs: Runs;
  readonly toasts: Toasts;
}

export class Maps {
  /** Newest first. */
  list = $state.raw<readonly ImageMap[]>([]);
  loaded = $state(false);
  chosenId = $state.raw<MapId | null>(null);
  /** Of the chosen map; null until they are there. */
  points = $state.raw<MapPoints | null>(null);
  by = $state.raw<MapColouring>({ kind: 'label' });
  colours = $state.raw<MapColours | null>(null);
  /** Places in the legend that are taken out; −1: what has no value. */
  hidden = $state.raw<ReadonlySet<number>>(new Set());
  readonly plan: PlannedRun<MapConfig>;
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
    const { connection, project, runs, toasts } = parts;
    this.plan = new PlannedRun(runs, toasts, MapConfig.parse({}), (config) => ({ kind: 'map', config }));
    connection.onReady((engine) => {
      engine.maps.on('changed', () => void this.refresh());
      // What the colours stand for has changed.
      engine.samples.on('changed', () => void this.#readColours());
      engine.groups.on('changed', () => void this.#readColours());
    });
    project.onOpened(() => this.#reset());
    runs.onEnd((run) => {
      if (run.kind === 'map' && run.status === 'finished') {
        this.chosenId = null; // what was asked for is what one wants to see
        void this.refresh();
      }
      if (run.kind === 'issues') void this.#readColours();
    });
  }

  /** The one that is shown: the chosen one, else the newest. */
  get shown(): ImageMap | null {
    return this.list.find(({ id }) => id === this.chosenId) ?? this.list[0] ?? null;
  }

  /** The run under way or waiting that makes a map, the one nearest to its end first. */
  get run(): Run | null {
    return this.#parts.runs.active.findLast((run) => run.kind === 'map') ?? null;
  }

  choose(id: MapId): void {
    this.chosenId = id;
    void this.#readPoints();
  }

  colourBy(by: MapColouring): void {
    this.by = by;
    this.hidden = new Set();
    void this.#readColours();
  }

  toggle(place: number): void {
    const hidden = new Set(this.hidden);
    if (!hidden.delete(place)) hidden.add(place);
    this.hidden = hidden;
  }

  showAll(): void {
    this.hidden = new Set();
  }

  async refresh(): Promise<void> {
    if (this.#parts.project.summary === null) return;
    const list = await this.#attempt((maps) => maps.list());
    if (list === null) return;
    this.list = list;
    this.loaded = true;
    await this.#readPoints();
  }

  async rename(id: MapId, name: string): Promise<void> {
    await this.#attempt((maps) => maps.rename({ id, name }));
  }

  async remove(id: MapId): Promise<void> {
    await this.#attempt((maps) => maps.remove({ id }));
  }

  #shownPointsOf: MapId | null = null;

  async #readPoints(): Promise<void> {
    const id = this.shown?.id ?? null;
    if (id === this.#shownPointsOf) return;
    this.#shownPointsOf = id;
    this.points = null;
    this.colours = null;
    if (id === null) return;
    const points = await this.#attempt((maps) => maps.points({ id }));
    if (id !== this.#shownPointsOf) return;
    this.points = points;
    await this.#readColours();
  }

  async #readColours(): Promise<void> {
    const { by, points } = this;
    const id = this.#shownPointsOf;
    if (id === null || points === null) return;
    const colours = await this.#attempt((maps) => maps.colours({ id, by }));
    if (this.points === points && this.by === by) this.colours = colours;
  }

  #attempt<Answer>(ask: (maps: EngineClients['maps']) => Promise<Answer>): Promise<Answer | null> {
    return this.#parts.toasts.attempt(() => ask(this.#parts.connection.engine.maps));
  }

  /** Another project: its ids mean other things. */
  #reset(): void {
    this.list = [];
    this.loaded = false;
    this.chosenId = null;
    this.points = null;
    this.colours = null;
    this.#shownPointsOf = null;
    this.by = { kind: 'label' };
    this.hidden = new Set();
    this.plan.config = MapConfig.parse({});
    void this.refresh();
  }
}
