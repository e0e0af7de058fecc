/** @file Long work: what runs, what ran, and how far it is. */
import type { Run, RunProgress, RunRequest } from '../../contract/runs-service.ts';
import type { ProviderChoice } from '../../contract/engine-service.ts';
import type { RunId } from '../../contract/vocabulary.ts';
import type { Connection, EngineClients } from './connection.svelte.ts';
import type { Project } from './project.svelte.ts';
import type { Settings } from './settings.svelte.ts';
import type { Toasts } from './toasts.svelte.ts';

/** The statuses after which nothing more comes. */
export function hasEnded(run: Run): boolean {
  return run.status !== 'queued' && run.status !== 'running';
}

export type RunEstimate = Awaited<ReturnType<EngineClients['runs']['estimate']>>;

export class Runs {
  /** Newest first. */
  list = $state.raw<readonly Run[]>([]);
  readonly active = $derived(this.list.filter((run) => !hasEnded(run)));
  readonly #connection: Connection;
  readonly #project: Project;
  readonly #settings: Settings;
  readonly #toasts: Toasts;
  readonly #endListeners: ((run: Run) => void)[] = [];
  readonly #changeListeners: (() => void)[] = [];
  readonly #resumeListeners: ((before: RunId, after: RunId) => void)[] = [];

  constructor(connection: Connection, project: Project, settings: Settings, toasts: Toasts) {
    this.#connection = connection;
    this.#project = project;
    this.#settings = settings;
    this.#toasts = toasts;
    connection.onReady((engine) => {
      engine.runs.on('progress', (progress) => this.#applyProgress(progress));
      engine.runs.on('changed', (run) => this.#apply(run));
    });
    project.onOpened(() => void this.refresh());
  }

  /** Called when a run reaches its end in this session. */
  onEnd(listener: (run: Run) => void): void {
    this.#endListeners.push(listener);
  }

  /** Called after any run changed its status, and after the list was read anew. */
  onChange(listener: () => void): void {
    this.#changeListeners.push(listener);
  }

  /** Called when a run goes on, perhaps under another id. */
  onResume(listener: (before: RunId, after: RunId) => void): void {
    this.#resumeListeners.push(listener);
  }

  byId(id: RunId | null): Run | null {
    return this.list.find((run) => run.id === id) ?? null;
  }

  async refresh(): Promise<void> {
    if (this.#project.summary === null) {
      this.list = [];
      return;
    }
    const list = await this.#toasts.attempt(() => this.#connection.engine.runs.list());
    if (list === null) return;
    this.list = list.toSorted((a, b) => b.id - a.id);
    this.#changeListeners.forEach((listener) => listener());
  }

  /** Where the runs that the window starts compute. */
  get provider(): ProviderChoice {
    return this.#settings.current.provider;
  }

  chooseProvider(provider: ProviderChoice): void {
    void this.#settings.change({ provider });
  }

  /** Starts a run; a refusal is thrown to whoever asked. */
  async start(request: RunRequest): Promise<RunId> {
    const runId = await this.#connection.engine.runs.start(onProvider(request, this.provider));
    await this.follow(runId);
    return runId;
  }

  /** Takes a run that something else started into the list. */
  async follow(runId: RunId): Promise<void> {
    this.#apply(await this.#connection.engine.runs.get({ runId }));
  }

  async cancel(runId: RunId): Promise<void> {
    await this.#toasts.attempt(() => this.#connection.engine.runs.cancel({ runId }));
  }

  async resume(runId: RunId): Promise<void> {
    const { runs } = this.#connection.engine;
    const resumedId = await this.#toasts.attempt(() => runs.resume({ runId }));
    if (resumedId === null) return;
    this.#resumeListeners.forEach((listener) => listener(runId, resumedId));
    const run = await this.#toasts.attempt(() => runs.get({ runId: resumedId }));
    if (run !== null) this.#apply(run);
  }

  estimate(request: RunRequest): Promise<RunEstimate> {
    return this.#connection.engine.runs.estimate(request);
  }

  #apply(run: Run): void {
    const before = this.byId(run.id);
    this.list = [run, ...this.list.filter((other) => other.id !== run.id)].toSorted((a, b) => b.id - a.id);
    const endedNow = hasEnded(run) && (before === null || !hasEnded(before));
    if (endedNow) {
      if (run.status === 'failed' && run.error !== null) this.#toasts.failure(run.error.message);
      this.#endListeners.forEach((listener) => listener(run));
    }
    this.#changeListeners.forEach((listener) => listener());
  }

  #applyProgress(progress: RunProgress): void {
    this.list = this.list.map((run) =>
      run.id === progress.runId && !hasEnded(run) ? { ...run, status: 'running', progress } : run,
    );
  }
}

function onProvider(request: RunRequest, provider: ProviderChoice): RunRequest {
  if (request.kind === 'import' || request.kind === 'evaluate') return request;
  // Kind and config still belong together; the compiler cannot follow that through the spread.
  return { ...request, config: { ...request.config, provider } } as RunRequest;
}
