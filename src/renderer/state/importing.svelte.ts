/** @file Bringing images in: look at the source, choose the project, run the import, read what could not be read. */
import type { Problem, SourceChoices, SourceLayout } from '../../contract/imports-service.ts';
import type { Run } from '../../contract/runs-service.ts';
import type { RunId } from '../../contract/vocabulary.ts';
import { AppError } from '../../core/base/app-error.ts';
import type { Connection } from './connection.svelte.ts';
import type { Project } from './project.svelte.ts';
import type { Runs } from './runs.svelte.ts';
import type { Toasts } from './toasts.svelte.ts';

export class Importing {
  sourcePath = $state('');
  /** What a person said of the source, where the guess was wrong. */
  choices = $state.raw<Omit<SourceChoices, 'sourcePath'>>({});
  projectPath = $state('');
  /** Where the images go: a project of their own, or the one that is open. */
  destination = $state<'new' | 'current'>('new');
  layout = $state.raw<SourceLayout | null>(null);
  inspecting = $state(false);
  starting = $state(false);
  runId = $state.raw<RunId | null>(null);
  problems = $state.raw<readonly Problem[]>([]);
  problemTotal = $state(0);
  readonly #connection: Connection;
  readonly #project: Project;
  readonly #runs: Runs;
  readonly #toasts: Toasts;

  constructor(connection: Connection, project: Project, runs: Runs, toasts: Toasts) {
    this.#connection = connection;
    this.#project = project;
    this.#runs = runs;
    this.#toasts = toasts;
    runs.onEnd((run) => {
      if (run.kind === 'import') void this.readProblems();
    });
    project.onOpened(() => {
      this.problems = [];
      this.problemTotal = 0;
    });
  }

  /** The import that this screen follows: the one it started, or one that is still running. */
  get run(): Run | null {
    return this.#runs.byId(this.runId) ?? this.#runs.active.find((run) => run.kind === 'import') ?? null;
  }

  /** Recognises what lies at `path`. Nothing is read into a project yet. */
  async inspect(path: string): Promise<void> {
    this.reset();
    this.sourcePath = path;
    this.inspecting = true;
    await this.#toasts.attempt(async () => {
      const { imports, projects } = this.#connection.engine;
      this.layout = await imports.inspect({ sourcePath: path });
      const { sourcePath: _, ...remembered } = this.layout.remembered ?? { sourcePath: path };
      this.choices = remembered;
      this.projectPath = (await projects.suggestPath({ sourcePath: path })).path;
    });
    this.inspecting = false;
  }

  /** Looks again, with another choice of layout or columns; what was seen stays where that cannot be. */
  async choose(change: Omit<SourceChoices, 'sourcePath'>): Promise<void> {
    // Columns of one layout mean nothing in another.
    const choices = 'layout' in change ? change : { ...this.choices, ...change };
    this.inspecting = true;
    const layout = await this.#toasts.attempt(() =>
      this.#connection.engine.imports.inspect({ sourcePath: this.sourcePath, ...choices }),
    );
    if (layout !== null) {
      this.choices = choices;
      this.layout = layout;
    }
    this.inspecting = false;
  }

  /** Lays out a copy of the embedded sample and inspects it. */
  async inspectSample(): Promise<void> {
    this.reset();
    this.inspecting = true;
    const sample = await this.#toasts.attempt(() => this.#connection.engine.projects.prepareSample());
    this.inspecting = false;
    if (sample === null) return;
    await this.inspect(sample.sourcePath);
    this.projectPath = sample.projectPath;
  }

  async start(): Promise<void> {
    this.starting = true;
    try {
      if (this.destination === 'new') await this.#project.create(this.projectPath);
      this.runId = await this.#runs.start({
        kind: 'import',
        config: { sourcePath: this.sourcePath, ...this.choices },
      });
    } catch (error) {
      this.#reportStart(error);
    }
    this.starting = false;
  }

  /** Reads the source of the open project again: finds new, changed and vanished files. */
  async again(sourcePath: string): Promise<void> {
    await this.inspect(sourcePath);
    this.destination = 'current';
  }

  async readProblems(): Promise<void> {
    const page = await this.#toasts.attempt(() =>
      this.#connection.engine.imports.problems({ from: 0, count: 200 }),
    );
    this.problems = page?.problems ?? [];
    this.problemTotal = page?.total ?? 0;
  }

  reset(): void {
    this.sourcePath = '';
    this.choices = {};
    this.projectPath = '';
    this.destination = 'new';
    this.layout = null;
    this.runId = null;
  }

  #reportStart(error: unknown): void {
    const taken = error instanceof AppError && error.code === 'project-exists';
    const path = this.projectPath;
    this.#toasts.error(error, taken ? { label: 'Open it', run: () => void this.#project.open(path) } : null);
  }
}
