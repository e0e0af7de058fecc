/** @file Which training images pull the model where, for one image at a time. */
import type { InfluenceView } from '../../contract/findings-service.ts';
import type { RunId, SampleId } from '../../contract/vocabulary.ts';
import type { Connection } from './connection.svelte.ts';
import type { Evaluations } from './evaluations.svelte.ts';
import type { Project } from './project.svelte.ts';
import type { Runs } from './runs.svelte.ts';
import type { SampleDetail, Samples } from './samples.svelte.ts';
import type { Toasts } from './toasts.svelte.ts';

interface Parts {
  readonly connection: Connection;
  readonly project: Project;
  readonly runs: Runs;
  readonly samples: Samples;
  readonly evaluations: Evaluations;
  readonly toasts: Toasts;
}

export class Influence {
  sampleId = $state<SampleId | null>(null);
  detail = $state.raw<SampleDetail | null>(null);
  view = $state.raw<InfluenceView | null>(null);
  /** False while the view of `sampleId` is still on its way. */
  loaded = $state(false);
  /** The attribution that is looked at, for every image that it covers; null: the newest. */
  #runId: RunId | null = null;
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
    parts.project.onOpened(() => this.#reset());
    parts.evaluations.onChange(() => void this.refresh());
    parts.runs.onEnd((run) => {
      if (run.kind !== 'attribute' || run.status !== 'finished') return;
      this.#runId = run.id; // what was asked for is what one wants to see
      void this.refresh();
    });
  }

  /** The largest score shown, by size: bars of both rows share one scale. */
  get largestScore(): number {
    const entries = [...(this.view?.proponents ?? []), ...(this.view?.opponents ?? [])];
    return entries.reduce((largest, entry) => Math.max(largest, Math.abs(entry.score)), 0);
  }

  /** Looks at another of the attributions that cover the image. */
  async choose(runId: RunId): Promise<void> {
    this.#runId = runId;
    await this.refresh();
  }

  async refresh(): Promise<void> {
    if (this.sampleId !== null) await this.show(this.sampleId);
  }

  async show(sampleId: SampleId): Promise<void> {
    if (this.sampleId !== sampleId) {
      this.loaded = false;
      this.sampleId = sampleId;
    }
    const { connection, samples, toasts } = this.#parts;
    const runId = this.#runId;
    const [detail, view] = await Promise.all([
      samples.detail(sampleId),
      toasts.attempt(() => connection.engine.influence.of({ sampleId, runId })),
    ]);
    if (this.sampleId !== sampleId || this.#runId !== runId) return;
    this.detail = detail;
    this.view = view;
    this.loaded = true;
    samples.tiles.request(
      [...(view?.proponents ?? []), ...(view?.opponents ?? [])].map((entry) => entry.sampleId),
    );
  }

  /** Another project: its ids mean other images. */
  #reset(): void {
    this.#runId = null;
    this.sampleId = null;
    this.detail = null;
    this.view = null;
    this.loaded = false;
  }
}
