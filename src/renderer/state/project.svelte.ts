/** @file The open project and the recent ones. */
import type { ProjectSummary, RecentProject } from '../../contract/projects-service.ts';
import type { ClassEntry, ClassId } from '../../contract/vocabulary.ts';
import { translate } from '../texts/translate.svelte.ts';
import type { Connection } from './connection.svelte.ts';
import type { Toasts } from './toasts.svelte.ts';

export class Project {
  summary = $state.raw<ProjectSummary | null>(null);
  recent = $state.raw<readonly RecentProject[]>([]);
  /** False until the engine has said whether a project is open. */
  loaded = $state(false);
  readonly #connection: Connection;
  readonly #toasts: Toasts;
  readonly #openedListeners: (() => void)[] = [];
  #announcementCount = 0;
  readonly #classNames = $derived(
    new Map((this.summary?.classes ?? []).map((entry) => [entry.id, entry.name])),
  );

  constructor(connection: Connection, toasts: Toasts) {
    this.#connection = connection;
    this.#toasts = toasts;
    connection.onReady((engine) => {
      engine.projects.on('changed', (summary) => {
        this.#announcementCount++;
        this.#apply(summary);
      });
      void this.#readAfterConnecting();
    });
  }

  get classes(): readonly ClassEntry[] {
    return this.summary?.classes ?? [];
  }

  className(id: ClassId | null): string {
    return id === null ? translate('unlabelled') : (this.#classNames.get(id) ?? `class ${id}`);
  }

  /** Called when another project was opened, or this one again after the engine came back: read everything anew. */
  onOpened(listener: () => void): void {
    this.#openedListeners.push(listener);
  }

  /** True where it opened. */
  async open(path: string): Promise<boolean> {
    const summary = await this.#toasts.attempt(() => this.#connection.engine.projects.open({ path }));
    if (summary === null) return false;
    this.#apply(summary);
    this.recent = (await this.#toasts.attempt(() => this.#connection.engine.projects.recent())) ?? [];
    return true;
  }

  /** Makes and opens a project; throws where it cannot. */
  async create(path: string): Promise<void> {
    this.#apply(await this.#connection.engine.projects.create({ path }));
    this.recent = await this.#connection.engine.projects.recent();
  }

  async close(): Promise<void> {
    await this.#toasts.attempt(() => this.#connection.engine.projects.close());
    this.#apply(null);
  }

  async forget(path: string): Promise<void> {
    const recent = await this.#toasts.attempt(() => this.#connection.engine.projects.forget({ path }));
    if (recent !== null) this.recent = recent;
  }

  #apply(summary: ProjectSummary | null, always = false): void {
    const switched = summary?.path !== this.summary?.path;
    this.summary = summary;
    if (switched || always) for (const listener of this.#openedListeners) listener();
  }

  async #readAfterConnecting(): Promise<void> {
    await this.#toasts.attempt(async () => {
      const { projects } = this.#connection.engine;
      const path = this.summary?.path ?? null;
      const before = this.#announcementCount;
      let summary = await projects.current();
      // A restarted engine has nothing open: go on where the person was.
      if (summary === null && path !== null) summary = await projects.open({ path });
      // What was announced meanwhile (a project opened by the shell) is newer than the answer.
      this.#apply(this.#announcementCount === before ? summary : this.summary, true);
      this.loaded = true;
      this.recent = await projects.recent();
    });
  }
}
