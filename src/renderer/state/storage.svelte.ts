/** @file What the open project takes on disk, and putting away what can be made again. */
import type { ClearablePart, StoredPart } from '../../contract/storage-parts.ts';
import type { Connection } from './connection.svelte.ts';
import type { Project } from './project.svelte.ts';
import type { Toasts } from './toasts.svelte.ts';

export class Storage {
  /** Empty until it is known. */
  parts = $state.raw<readonly StoredPart[]>([]);
  clearing = $state(false);
  readonly #connection: Connection;
  readonly #toasts: Toasts;

  constructor(connection: Connection, project: Project, toasts: Toasts) {
    this.#connection = connection;
    this.#toasts = toasts;
    project.onOpened(() => {
      this.parts = [];
    });
  }

  bytesOf(parts: readonly string[]): number {
    return this.parts.reduce((sum, { part, bytes }) => sum + (parts.includes(part) ? bytes : 0), 0);
  }

  async measure(): Promise<void> {
    this.parts = (await this.#toasts.attempt(() => this.#connection.engine.projects.storage())) ?? [];
  }

  async clear(parts: ClearablePart[]): Promise<void> {
    this.clearing = true;
    const left = await this.#toasts.attempt(() => this.#connection.engine.projects.clearStorage({ parts }));
    this.clearing = false;
    if (left !== null) this.parts = left;
  }
}
