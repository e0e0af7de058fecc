/** @file How much query images depend on each group: the finished attributions, the one looked at, and setting up another. */
import { AttributeGroupsConfig } from '../../contract/generation-configs.ts';
import type { GroupAttribution, GroupAttributionEntry } from '../../contract/groups-service.ts';
import type { Run } from '../../contract/runs-service.ts';
import type { GroupId, ModelId, QueryId, RunId } from '../../contract/vocabulary.ts';
import type { Connection } from './connection.svelte.ts';
import type { GroupScale } from './group-bars.ts';
import { PlannedRun } from './planned-run.svelte.ts';
import type { Project } from './project.svelte.ts';
import type { Runs } from './runs.svelte.ts';
import type { Toasts } from './toasts.svelte.ts';

/** As many trainings as tell a spread. */
const REMOVAL_REPEATS = 3;

export class GroupAttributions {
  /** Newest first. */
  entries = $state.raw<readonly GroupAttributionEntry[]>([]);
  loaded = $state(false);
  /** The one that is looked at; null until it is there. */
  shown = $state.raw<GroupAttribution | null>(null);
  scale = $state<GroupScale>('raw');
  readonly plan: PlannedRun<AttributeGroupsConfig>;
  /** The same for one group, by training again without it. */
  readonly removal: PlannedRun<AttributeGroupsConfig>;
  #chosenRunId = $state.raw<RunId | null>(null);
  #chosenQueryId = $state.raw<QueryId | null>(null);
  readonly #connection: Connection;
  readonly #project: Project;
  readonly #runs: Runs;
  readonly #toasts: Toasts;

  constructor(connection: Connection, project: Project, runs: Runs, toasts: Toasts) {
    this.#connection = connection;
    this.#project = project;
    this.#runs = runs;
    this.#toasts = toasts;
    const plan = (): PlannedRun<AttributeGroupsConfig> =>
      new PlannedRun(runs, toasts, AttributeGroupsConfig.parse({}), (config) => ({
        kind: 'attribute-groups',
        config,
      }));
    this.plan = plan();
    this.removal = plan();
    project.onOpened(() => this.#reset());
    // Whether a group still has the images it had then.
    connection.onReady((engine) => engine.groups.on('changed', () => void this.#reread()));
    runs.onEnd((run) => {
      if (run.kind !== 'attribute-groups' || run.status !== 'finished') return;
      this.#chosenRunId = run.id; // what was asked for is what one wants to see
      void this.refresh();
    });
  }

  /** The one under way or waiting, the one nearest to its end first; null where there is none. */
  get run(): Run | null {
    return this.#runs.active.findLast((run) => run.kind === 'attribute-groups') ?? null;
  }

  /** The query image that is looked at: the chosen one where the attribution covers it, else its first. */
  get queryId(): QueryId | null {
    const covered = this.shown?.queries ?? [];
    return (covered.find(({ queryId }) => queryId === this.#chosenQueryId) ?? covered[0])?.queryId ?? null;
  }

  covers(queryId: QueryId): boolean {
    return this.shown?.queries.some((query) => query.queryId === queryId) ?? false;
  }

  chooseQuery(queryId: QueryId): void {
    this.#chosenQueryId = queryId;
  }

  async choose(runId: RunId): Promise<void> {
    this.#chosenRunId = runId;
    await this.#readShown();
  }

  async refresh(): Promise<void> {
    if (this.#project.summary === null) return;
    const entries = await this.#toasts.attempt(() => this.#connection.engine.groups.attributions());
    if (entries === null) return;
    this.entries = entries;
    await this.#readShown();
    this.loaded = true;
  }

  /** For these query images; none: for all. */
  prepare(modelId: ModelId | null, queries: readonly QueryId[]): void {
    this.plan.change({ modelId, queries: [...queries], groups: [] });
  }

  prepareRemoval(groupId: GroupId, queries: readonly QueryId[]): void {
    this.removal.change({
      method: 'logo',
      groups: [groupId],
      queries: [...queries],
      repeats: REMOVAL_REPEATS,
    });
  }

  async #reread(): Promise<void> {
    const runId = this.shown?.runId;
    if (runId === undefined) return;
    const again = await this.#toasts.attempt(() => this.#connection.engine.groups.attribution({ runId }));
    if (again !== null && this.shown?.runId === runId) this.shown = again;
  }

  async #readShown(): Promise<void> {
    const found = this.entries.find(({ runId }) => runId === this.#chosenRunId) ?? this.entries[0];
    if (found === undefined) {
      this.shown = null;
      return;
    }
    const { runId } = found;
    if (this.shown?.runId === runId) return;
    const shown = await this.#toasts.attempt(() => this.#connection.engine.groups.attribution({ runId }));
    // Another one may have been chosen meanwhile.
    if (this.#chosenRunId === null || this.#chosenRunId === runId) this.shown = shown;
  }

  /** Another project: its ids mean other things. */
  #reset(): void {
    this.entries = [];
    this.loaded = false;
    this.shown = null;
    this.#chosenRunId = null;
    this.#chosenQueryId = null;
    this.plan.config = AttributeGroupsConfig.parse({});
    this.removal.config = AttributeGroupsConfig.parse({});
    void this.refresh();
  }
}
