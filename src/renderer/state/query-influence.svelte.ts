/** @file Which training images an estimate puts behind the query image at hand, and setting up another estimate. */
import { AttributeQueriesConfig } from '../../contract/generation-configs.ts';
import type { QueryInfluence as Influence } from '../../contract/queries-service.ts';
import type { Run } from '../../contract/runs-service.ts';
import type { ModelId, QueryId, RunId } from '../../contract/vocabulary.ts';
import type { Connection } from './connection.svelte.ts';
import { PlannedRun } from './planned-run.svelte.ts';
import type { Project } from './project.svelte.ts';
import type { Runs } from './runs.svelte.ts';
import type { Samples } from './samples.svelte.ts';
import type { Toasts } from './toasts.svelte.ts';

interface Parts {
  readonly connection: Connection;
  readonly project: Project;
  readonly runs: Runs;
  readonly samples: Pick<Samples, 'tiles'>;
  readonly toasts: Toasts;
}

export class QueryInfluence {
  readonly plan: PlannedRun<AttributeQueriesConfig>;
  queryId = $state<QueryId | null>(null);
  /** null where no attribution covers the image. */
  view = $state.raw<Influence | null>(null);
  /** False while the view of `queryId` is still on its way. */
  loaded = $state(false);
  /** The attribution that is looked at, for every image that it covers; null: the newest. */
  #runId: RunId | null = null;
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
    this.plan = new PlannedRun(parts.runs, parts.toasts, AttributeQueriesConfig.parse({}), (config) => ({
      kind: 'attribute-queries',
      config,
    }));
    parts.project.onOpened(() => this.#reset());
    parts.runs.onEnd((run) => {
      if (run.kind !== 'attribute-queries' || run.status !== 'finished') return;
      this.#runId = run.id; // what was asked for is what one wants to see
      void this.#refresh();
    });
  }

  /** The one under way or waiting, the one nearest to its end first; null where there is none. */
  get run(): Run | null {
    return this.#parts.runs.active.findLast((run) => run.kind === 'attribute-queries') ?? null;
  }

  /** The largest score shown, by size: bars of both rows share one scale. */
  get largestScore(): number {
    const entries = [...(this.view?.proponents ?? []), ...(this.view?.opponents ?? [])];
    return entries.reduce((largest, entry) => Math.max(largest, Math.abs(entry.score)), 0);
  }

  /** For these images, with the choices of before or with others. */
  prepare(modelId: ModelId | null, queries: readonly QueryId[]): void {
    this.plan.change({ modelId, queries: [...queries] });
  }

  /** Looks at another of the attributions that cover the image. */
  async choose(runId: RunId): Promise<void> {
    this.#runId = runId;
    await this.#refresh();
  }

  async show(queryId: QueryId): Promise<void> {
    const { connection, samples, toasts } = this.#parts;
    if (this.queryId !== queryId) {
      this.loaded = false;
      this.queryId = queryId;
    }
    const runId = this.#runId;
    const view = await toasts.attempt(() => connection.engine.queries.influence({ id: queryId, runId }));
    if (this.queryId !== queryId || this.#runId !== runId) return;
    this.view = view;
    this.loaded = true;
    samples.tiles.request(
      [...(view?.proponents ?? []), ...(view?.opponents ?? [])].map((entry) => entry.sampleId),
    );
  }

  async #refresh(): Promise<void> {
    if (this.queryId !== null) await this.show(this.queryId);
  }

  /** Another project: its ids mean other images. */
  #reset(): void {
    this.plan.config = AttributeQueriesConfig.parse({});
    this.#runId = null;
    this.queryId = null;
    this.view = null;
    this.loaded = false;
  }
}
