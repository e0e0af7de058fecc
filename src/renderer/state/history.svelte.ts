/** @file Named snapshots of the decisions, what differs between two of them, and the log as a file. */
import type { Difference, Snapshot, SnapshotId } from '../../contract/history-service.ts';
import type { SampleId } from '../../contract/vocabulary.ts';
import { formatQuantity } from '../format/numbers.ts';
import type { Connection } from './connection.svelte.ts';
import type { Project } from './project.svelte.ts';
import { emptyFilter, type Samples } from './samples.svelte.ts';
import type { Selection } from './selection.svelte.ts';
import type { Toasts } from './toasts.svelte.ts';

interface HistoryOptions {
  readonly connection: Connection;
  readonly project: Project;
  readonly samples: Samples;
  readonly selection: Selection;
  readonly toasts: Toasts;
}

export class History {
  /** Newest first. */
  snapshots = $state.raw<readonly Snapshot[]>([]);
  /** What is compared; null: now. */
  from = $state.raw<SnapshotId | null>(null);
  to = $state.raw<SnapshotId | null>(null);
  /** null: not compared yet. */
  difference = $state.raw<Difference | null>(null);
  readonly #options: HistoryOptions;

  constructor(options: HistoryOptions) {
    this.#options = options;
    options.connection.onReady((engine) => engine.history.on('changed', () => void this.refresh()));
    options.project.onOpened(() => {
      [this.from, this.to, this.difference] = [null, null, null];
      void this.refresh();
    });
  }

  async refresh(): Promise<void> {
    const { connection, project, toasts } = this.#options;
    const found =
      project.summary === null ? [] : await toasts.attempt(() => connection.engine.history.snapshots());
    if (found !== null) this.snapshots = found;
  }

  /** True where it was taken. */
  async take(name: string): Promise<boolean> {
    const { connection, toasts } = this.#options;
    return (await toasts.attempt(() => connection.engine.history.take({ name }))) !== null;
  }

  async remove({ id }: Snapshot): Promise<void> {
    const { connection, toasts } = this.#options;
    if (this.from === id || this.to === id) [this.from, this.to, this.difference] = [null, null, null];
    await toasts.attempt(() => connection.engine.history.remove({ id }));
  }

  async compare(from: SnapshotId | null, to: SnapshotId | null): Promise<void> {
    const { connection, toasts } = this.#options;
    [this.from, this.to] = [from, to];
    const found = await toasts.attempt(() => connection.engine.history.difference({ from, to }));
    if (found !== null && this.from === from && this.to === to) this.difference = found;
  }

  /** Selects these images, for Browse. */
  select(sampleIds: readonly SampleId[]): void {
    const { selection, samples } = this.#options;
    samples.setFilter(emptyFilter);
    selection.selectAll(Int32Array.from(sampleIds));
  }

  /** Where the log would be written on the desktop; null: nowhere. */
  async chooseLogPath(): Promise<string | null> {
    const { connection, project, toasts } = this.#options;
    const { desktop } = connection;
    if (desktop === null) return null;
    const suggestedName = `${project.summary?.name ?? 'project'}-history.jsonl`;
    return toasts.attempt(() => desktop.chooseExport({ suggestedName }));
  }

  async writeLog(path: string): Promise<void> {
    const { connection, toasts } = this.#options;
    const written = await toasts.attempt(() => connection.engine.history.writeLog({ path }));
    if (written !== null) toasts.info(`${formatQuantity(written.rows, 'event')} written to ${written.path}`);
  }
}
