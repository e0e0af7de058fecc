/** @file Saved views: filters and orders of Browse that were kept by name. */
import type { SavedView } from '../../contract/views-service.ts';
import type { Connection } from './connection.svelte.ts';
import type { Project } from './project.svelte.ts';
import { emptyFilter, type Samples } from './samples.svelte.ts';
import type { Toasts } from './toasts.svelte.ts';

export class Views {
  /** By name. */
  list = $state.raw<readonly SavedView[]>([]);
  /** The one that was opened or saved last. */
  #openedId = $state<SavedView['id'] | null>(null);
  readonly #connection: Connection;
  readonly #project: Project;
  readonly #samples: Samples;
  readonly #toasts: Toasts;

  constructor(connection: Connection, project: Project, samples: Samples, toasts: Toasts) {
    this.#connection = connection;
    this.#project = project;
    this.#samples = samples;
    this.#toasts = toasts;
    connection.onReady((engine) => engine.views.on('changed', (views) => (this.list = views)));
    project.onOpened(() => void this.#read());
  }

  get opened(): SavedView | null {
    return this.list.find(({ id }) => id === this.#openedId) ?? null;
  }

  /** Whether the grid shows something else than the opened view says. */
  get isChanged(): boolean {
    const { opened } = this;
    return opened !== null && contentKey(opened) !== contentKey(this.#samples);
  }

  open(view: SavedView): void {
    this.#openedId = view.id;
    this.#samples.show({ ...emptyFilter, ...view.filter }, view.order);
  }

  /** False where it failed. */
  async save(name: string): Promise<boolean> {
    const { filter, order } = this.#samples;
    const view = await this.#toasts.attempt(() =>
      this.#connection.engine.views.save({ name, filter, order }),
    );
    if (view !== null) this.#openedId = view.id;
    return view !== null;
  }

  /** The view takes over what the grid shows. */
  async update({ id }: SavedView): Promise<void> {
    const { filter, order } = this.#samples;
    await this.#toasts.attempt(() => this.#connection.engine.views.update({ id, filter, order }));
  }

  async rename({ id }: SavedView, name: string): Promise<boolean> {
    const view = await this.#toasts.attempt(() => this.#connection.engine.views.update({ id, name }));
    return view !== null;
  }

  async remove({ id }: SavedView): Promise<void> {
    await this.#toasts.attempt(() => this.#connection.engine.views.remove({ id }));
  }

  async #read(): Promise<void> {
    this.list = [];
    this.#openedId = null;
    if (this.#project.summary === null) return;
    this.list = (await this.#toasts.attempt(() => this.#connection.engine.views.list())) ?? [];
  }
}

/** Equal for what shows the same. */
function contentKey({ filter, order }: Pick<SavedView, 'order'> & { readonly filter: object }): string {
  return JSON.stringify([Object.entries({ ...emptyFilter, ...filter }).sort(), order.by, order.descending]);
}
