/** @file The tags of the project, and giving and taking them: undone like decisions. */
import type { SampleSet } from '../../contract/sample-set.ts';
import type { TagEntry, TagId } from '../../contract/vocabulary.ts';
import type { Connection } from './connection.svelte.ts';
import type { Project } from './project.svelte.ts';
import type { Toasts } from './toasts.svelte.ts';

/** A tag, and how many images it came to or went from. */
export interface TagChange {
  readonly tag: TagEntry;
  readonly changed: number;
}

export class Tags {
  entries = $state.raw<readonly TagEntry[]>([]);
  readonly #connection: Connection;
  readonly #project: Project;
  readonly #toasts: Toasts;

  constructor(connection: Connection, project: Project, toasts: Toasts) {
    this.#connection = connection;
    this.#project = project;
    this.#toasts = toasts;
    connection.onReady((engine) => {
      engine.tags.on('changed', (entries) => (this.entries = entries));
    });
    project.onOpened(() => void this.#read());
  }

  name(id: TagId): string {
    return this.entries.find((entry) => entry.id === id)?.name ?? `tag ${id}`;
  }

  /** Null where it failed. */
  give(images: SampleSet, name: string): Promise<TagChange | null> {
    return this.#toasts.attempt(() => this.#connection.engine.tags.add({ images, name }));
  }

  take(images: SampleSet, tagId: TagId): Promise<TagChange | null> {
    return this.#toasts.attempt(() => this.#connection.engine.tags.take({ images, tagId }));
  }

  /** False where it failed. */
  async rename(tagId: TagId, name: string): Promise<boolean> {
    return (await this.#toasts.attempt(() => this.#connection.engine.tags.rename({ tagId, name }))) !== null;
  }

  /** Number of images that had it; null where it failed. */
  async remove(tagId: TagId): Promise<number | null> {
    const answer = await this.#toasts.attempt(() => this.#connection.engine.tags.remove({ tagId }));
    return answer?.changed ?? null;
  }

  async #read(): Promise<void> {
    this.entries = [];
    if (this.#project.summary === null) return;
    this.entries = (await this.#toasts.attempt(() => this.#connection.engine.tags.list())) ?? [];
  }
}
