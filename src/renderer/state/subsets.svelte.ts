/** @file The chosen subsets, and the form that chooses the next one. */
import { SelectConfig } from '../../contract/selection-config.ts';
import type { Subset } from '../../contract/subsets-service.ts';
import type { Connection } from './connection.svelte.ts';
import { PlannedRun } from './planned-run.svelte.ts';
import type { Project } from './project.svelte.ts';
import type { Runs } from './runs.svelte.ts';
import type { Toasts } from './toasts.svelte.ts';

export type SubsetId = Subset['id'];

/** As many trainings as tell a spread. */
const MEASURED_REPEATS = 3;

export class Subsets {
  /** Newest first. */
  list = $state.raw<readonly Subset[]>([]);
  loaded = $state(false);
  readonly plan: PlannedRun<SelectConfig>;
  readonly #connection: Connection;
  readonly #project: Project;
  readonly #runs: Runs;
  readonly #toasts: Toasts;

  constructor(connection: Connection, project: Project, runs: Runs, toasts: Toasts) {
    this.#connection = connection;
    this.#project = project;
    this.#runs = runs;
    this.#toasts = toasts;
    this.plan = new PlannedRun(runs, toasts, SelectConfig.parse({}), (config) => ({
      kind: 'select',
      config,
    }));
    connection.onReady((engine) => engine.subsets.on('changed', () => void this.refresh()));
    project.onOpened(() => {
      this.plan.config = SelectConfig.parse({});
      void this.refresh();
    });
    runs.onEnd((run) => {
      if (run.kind === 'select') void this.refresh();
    });
  }

  byId(id: number | null): Subset | null {
    return this.list.find((subset) => subset.id === id) ?? null;
  }

  /** Whether a run that measures this subset is under way or waiting. */
  isMeasured(id: SubsetId): boolean {
    return this.#runs.active.some((run) => run.kind === 'select' && run.config['subsetId'] === id);
  }

  async refresh(): Promise<void> {
    if (this.#project.summary === null) {
      this.list = [];
      this.loaded = false;
      return;
    }
    const list = await this.#toasts.attempt(() => this.#connection.engine.subsets.list());
    if (list === null) return;
    this.list = list;
    this.loaded = true;
  }

  /** Trains on it again, beside random subsets. */
  async measure(subset: Subset): Promise<void> {
    const config = { subsetId: subset.id, repeats: MEASURED_REPEATS };
    await this.#toasts.attempt(() => this.#runs.start({ kind: 'select', config }));
  }

  async rename(id: SubsetId, name: string): Promise<void> {
    await this.#toasts.attempt(() => this.#connection.engine.subsets.rename({ id, name }));
  }

  async remove(id: SubsetId): Promise<void> {
    await this.#toasts.attempt(() => this.#connection.engine.subsets.remove({ id }));
  }
}
