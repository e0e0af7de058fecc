/** @file Bringing a model that makes images: its file, its noise schedule, and what has to be known about them. */
import { AppError } from '../../core/base/app-error.ts';
import { DenoiserChoices } from '../../contract/denoiser-choices.ts';
import type { FileKind } from '../../contract/desktop-service.ts';
import { translateSaid } from '../texts/translate.svelte.ts';
import { parseClassNames } from './class-names.ts';
import type { Connection } from './connection.svelte.ts';
import type { Project } from './project.svelte.ts';
import type { Runs } from './runs.svelte.ts';
import type { Toasts } from './toasts.svelte.ts';

/** What the network is told beside the step of time: what its file takes, which may be nothing; or texts by their embeddings. */
export type ToldKind = 'found' | 'texts';

/** Files that a denoiser comes as. */
export type DenoiserFile = Exclude<FileKind, 'bundle'>;

const noPaths: Readonly<Record<DenoiserFile, string>> = {
  model: '',
  schedule: '',
  embeddings: '',
};

export class ImportingDenoiser {
  paths = $state.raw(noPaths);
  told = $state<ToldKind>('found');
  /** One a line, or a JSON list. */
  namesText = $state('');
  choices = $state.raw(DenoiserChoices.parse({}));
  working = $state(false);
  /** What is wrong, in words; it stays until something changes. */
  failure = $state<string | null>(null);
  readonly #connection: Connection;
  readonly #runs: Runs;
  readonly #toasts: Toasts;

  constructor(connection: Connection, project: Project, runs: Runs, toasts: Toasts) {
    this.#connection = connection;
    this.#runs = runs;
    this.#toasts = toasts;
    project.onOpened(() => this.reset());
  }

  /** Whether all files that are needed are named. */
  get isComplete(): boolean {
    const needed = [
      'model',
      'schedule',
      ...(this.told === 'texts' ? (['embeddings'] as const) : []),
    ] as const;
    return needed.every((kind) => this.paths[kind].trim() !== '');
  }

  reset(): void {
    this.paths = noPaths;
    this.told = 'found';
    this.namesText = '';
    this.choices = DenoiserChoices.parse({});
    this.working = false;
    this.failure = null;
  }

  setPath(kind: DenoiserFile, path: string): void {
    this.paths = { ...this.paths, [kind]: path };
    this.failure = null;
  }

  async choosePath(kind: DenoiserFile): Promise<void> {
    const { desktop } = this.#connection;
    if (desktop === null) return;
    const path = await this.#toasts.attempt(() => desktop.chooseFile({ kind }));
    if (path !== null) this.setPath(kind, path);
  }

  change(change: Partial<DenoiserChoices>): void {
    this.choices = { ...this.choices, ...change };
    this.failure = null;
  }

  /** True where the model is on its way. */
  async import(): Promise<boolean> {
    const { paths, told, choices } = this;
    this.failure = null;
    this.working = true;
    try {
      const runId = await this.#connection.engine.models.importDenoiser({
        path: paths.model.trim(),
        schedulePath: paths.schedule.trim(),
        embeddingsPath: told === 'texts' ? paths.embeddings.trim() : null,
        choices: { ...choices, classNames: parseClassNames(this.namesText) },
      });
      await this.#runs.follow(runId);
      return true;
    } catch (error) {
      if (error instanceof AppError) this.failure = translateSaid(error.message);
      else this.#toasts.error(error);
      return false;
    } finally {
      this.working = false;
    }
  }
}
