/** @file The query images: made by models here, or files from elsewhere; which of them are selected and looked at. */
import type { QueryImage } from '../../contract/queries-service.ts';
import type { ClassId, QueryId } from '../../contract/vocabulary.ts';
import { formatQuantity } from '../format/numbers.ts';
import type { Connection } from './connection.svelte.ts';
import type { Project } from './project.svelte.ts';
import type { Runs } from './runs.svelte.ts';
import { Selection } from './selection.svelte.ts';
import type { Toasts } from './toasts.svelte.ts';

interface Problem {
  readonly path: string;
  readonly reason: string;
}

export class Queries {
  /** Newest first. */
  list = $state.raw<readonly QueryImage[]>([]);
  loaded = $state(false);
  /** Files that could not be added last, with their reasons. */
  problems = $state.raw<readonly Problem[]>([]);
  readonly selection = new Selection<QueryId>();
  readonly ids = $derived(this.list.map((query) => query.id));
  /** The one that is looked at: where the keyboard stands. */
  readonly current = $derived(this.list[this.selection.cursor] ?? null);
  readonly #connection: Connection;
  readonly #project: Project;
  readonly #toasts: Toasts;

  constructor(connection: Connection, project: Project, runs: Runs, toasts: Toasts) {
    this.#connection = connection;
    this.#project = project;
    this.#toasts = toasts;
    connection.onReady((engine) => engine.queries.on('changed', () => void this.refresh()));
    project.onOpened(() => {
      this.list = [];
      this.loaded = false;
      this.selection.clear();
      this.selection.resetCursor();
      void this.refresh();
    });
    runs.onEnd((run) => {
      if (run.kind === 'sample-images') void this.refresh();
    });
  }

  byId(id: QueryId): QueryImage | null {
    return this.list.find((query) => query.id === id) ?? null;
  }

  /** The one that is looked at stays the same when others come or go. */
  async refresh(): Promise<void> {
    if (this.#project.summary === null) return;
    const lookedAt = this.current?.id ?? null;
    const list = await this.#toasts.attempt(() => this.#connection.engine.queries.list());
    if (list === null) return;
    this.list = list;
    this.loaded = true;
    const index = list.findIndex((query) => query.id === lookedAt);
    this.selection.cursor = Math.max(0, index);
  }

  /** Looks at this image, and selects it alone. */
  lookAt(id: QueryId): void {
    const index = this.ids.indexOf(id);
    if (index >= 0) this.selection.click(index, this.ids, { shift: false, control: false });
  }

  /** The native chooser of the desktop. */
  async chooseFiles(): Promise<void> {
    const { desktop } = this.#connection;
    if (desktop === null) return;
    const paths = await this.#toasts.attempt(() => desktop.chooseImages());
    if (paths !== null && paths.length > 0) await this.addFiles(paths);
  }

  /** What an image from a file was made under, as far as a person knows. */
  async tell({ id }: QueryImage, told: { classId: ClassId | null; prompt: string | null }): Promise<void> {
    await this.#toasts.attempt(() => this.#connection.engine.queries.tell({ ids: [id], ...told }));
  }

  /** True where all of them could be read. */
  async addFiles(paths: readonly string[]): Promise<boolean> {
    const answer = await this.#toasts.attempt(() =>
      this.#connection.engine.queries.addFiles({ paths: [...paths] }),
    );
    if (answer === null) return false;
    const { added, problems } = answer;
    this.problems = problems;
    const [first] = problems;
    if (first !== undefined)
      this.#toasts.failure(
        `${formatQuantity(problems.length, 'file')} could not be added. ${first.path}: ${first.reason}`,
      );
    if (added.length === 0) return false;
    this.#toasts.info(`Added ${formatQuantity(added.length, 'image')}`);
    await this.refresh();
    this.lookAt(added[0]!);
    return problems.length === 0;
  }

  async remove(ids: readonly QueryId[]): Promise<void> {
    await this.#toasts.attempt(() => this.#connection.engine.queries.remove({ ids: [...ids] }));
    this.selection.clear();
    await this.refresh();
  }
}
