/** @file Training images that evidence points to, flagged for review: a tag, with what each was flagged for. */
import { CULPRIT_TAG, type CulpritSource } from '../../contract/culprits.ts';
import type { SampleId } from '../../contract/vocabulary.ts';
import { formatQuantity } from '../format/numbers.ts';
import type { Connection } from './connection.svelte.ts';
import { emptyFilter, type Samples } from './samples.svelte.ts';
import type { Tags } from './tags.svelte.ts';
import type { Toasts } from './toasts.svelte.ts';

export type CulpritOrigin = CulpritSource;

interface Parts {
  readonly connection: Connection;
  readonly samples: Samples;
  readonly tags: Tags;
  readonly toasts: Toasts;
}

export class Culprits {
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** null: nothing was flagged yet. */
  get tag(): Tags['entries'][number] | null {
    return this.#parts.tags.entries.find(({ name }) => name === CULPRIT_TAG) ?? null;
  }

  has(id: SampleId): boolean {
    const { tag } = this;
    return tag !== null && (this.#parts.samples.tiles.get(id)?.tags.includes(tag.id) ?? false);
  }

  async flag(sampleId: SampleId, source: CulpritOrigin, show: () => void): Promise<void> {
    const { connection, toasts } = this.#parts;
    const change = await toasts.attempt(() => connection.engine.tags.flagCulprit({ sampleId, source }));
    if (change === null) return;
    toasts.info(`Flagged image ${sampleId}: ${formatQuantity(change.tag.sampleCount, 'image')} to look at`, {
      label: 'Show them',
      run: show,
    });
  }

  /** Shows them in Browse. */
  show(): void {
    if (this.tag !== null) this.#parts.samples.setFilter({ ...emptyFilter, tags: [this.tag.id] });
  }
}
