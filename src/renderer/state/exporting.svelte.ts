/** @file Handing over the corrected labels as a file. */
import type { ExportFormat } from '../../contract/findings-service.ts';
import type { Connection, EngineClients } from './connection.svelte.ts';
import type { Project } from './project.svelte.ts';
import type { Toasts } from './toasts.svelte.ts';

type ExportResult = Awaited<ReturnType<EngineClients['exports']['labels']>>;

export class Exporting {
  format = $state<ExportFormat>('csv');
  onlyChanged = $state(false);
  path = $state('');
  working = $state(false);
  result = $state.raw<ExportResult | null>(null);
  readonly #connection: Connection;
  readonly #project: Project;
  readonly #toasts: Toasts;

  constructor(connection: Connection, project: Project, toasts: Toasts) {
    this.#connection = connection;
    this.#project = project;
    this.#toasts = toasts;
    project.onOpened(() => {
      this.path = '';
      this.result = null;
    });
  }

  get suggestedName(): string {
    return `${this.#project.summary?.name ?? 'project'}-labels.${this.format}`;
  }

  /** Beside the project, where nothing else was chosen. */
  prepare(): void {
    this.result = null;
    const projectPath = this.#project.summary?.path ?? '';
    const folder = projectPath.replace(/[/\\][^/\\]*[/\\]?$/, '');
    const slash = projectPath.includes('\\') ? '\\' : '/';
    this.path = `${folder}${slash}${this.suggestedName}`;
  }

  setFormat(format: ExportFormat): void {
    this.format = format;
    this.path = this.path.replace(/\.(csv|jsonl)$/, `.${format}`);
  }

  async choosePath(): Promise<void> {
    const { desktop } = this.#connection;
    if (desktop === null) return;
    const { suggestedName } = this;
    const chosen = await this.#toasts.attempt(() => desktop.chooseExport({ suggestedName }));
    if (chosen !== null) this.path = chosen;
  }

  async write(): Promise<void> {
    this.working = true;
    this.result = await this.#toasts.attempt(() =>
      this.#connection.engine.exports.labels({
        path: this.path,
        format: this.format,
        onlyChanged: this.onlyChanged,
      }),
    );
    this.working = false;
  }

  async reveal(): Promise<void> {
    const { desktop } = this.#connection;
    const path = this.result?.path;
    if (desktop === null || path === undefined) return;
    await this.#toasts.attempt(() => desktop.reveal({ path }));
  }
}
