/** @file Which training images pull the model where, for one image at a time. */
import type { InfluenceView } from '../../contract/findings-service.ts';
import type { SampleId } from '../../contract/vocabulary.ts';
import type { Connection } from './connection.svelte.ts';
import type { SampleDetail, Samples } from './samples.svelte.ts';
import type { Toasts } from './toasts.svelte.ts';

export class Influence {
  sampleId = $state<SampleId | null>(null);
  detail = $state.raw<SampleDetail | null>(null);
  view = $state.raw<InfluenceView | null>(null);
  /** False while the view of `sampleId` is still on its way. */
  loaded = $state(false);
  readonly #connection: Connection;
  readonly #samples: Samples;
  readonly #toasts: Toasts;

  constructor(connection: Connection, samples: Samples, toasts: Toasts) {
    this.#connection = connection;
    this.#samples = samples;
    this.#toasts = toasts;
  }

  /** The largest score shown, by size: bars of both rows share one scale. */
  get largestScore(): number {
    const entries = [...(this.view?.proponents ?? []), ...(this.view?.opponents ?? [])];
    return entries.reduce((largest, entry) => Math.max(largest, Math.abs(entry.score)), 0);
  }

  async show(sampleId: SampleId): Promise<void> {
    if (this.sampleId !== sampleId) {
      this.loaded = false;
      this.sampleId = sampleId;
    }
    const [detail, view] = await Promise.all([
      this.#samples.detail(sampleId),
      this.#toasts.attempt(() => this.#connection.engine.influence.of({ sampleId })),
    ]);
    if (this.sampleId !== sampleId) return;
    this.detail = detail;
    this.view = view;
    this.loaded = true;
    this.#samples.tiles.request(
      [...(view?.proponents ?? []), ...(view?.opponents ?? [])].map((entry) => entry.sampleId),
    );
  }
}
