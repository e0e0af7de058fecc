/** @file The project's models, and the form that trains the next one. */
import type { Model } from '../../contract/models-service.ts';
import { fineTuningDefaults, TrainConfig, type Run } from '../../contract/runs-service.ts';
import type { Connection } from './connection.svelte.ts';
import type { Project } from './project.svelte.ts';
import type { RunEstimate, Runs } from './runs.svelte.ts';
import type { Toasts } from './toasts.svelte.ts';

const ESTIMATE_DELAY_MS = 250;

const makesModels: readonly Run['kind'][] = ['train', 'evaluate', 'train-denoiser', 'evaluate-denoiser'];

export class Models {
  /** Newest first. */
  list = $state.raw<readonly Model[]>([]);
  loaded = $state(false);
  /** What the form trains: a model that tells classes apart, or one that makes images. */
  formTask = $state<Model['task']>('classify');
  config = $state.raw<TrainConfig>(TrainConfig.parse({}));
  estimate = $state.raw<RunEstimate | null>(null);
  readonly #connection: Connection;
  readonly #project: Project;
  readonly #runs: Runs;
  readonly #toasts: Toasts;
  #estimateTimer: ReturnType<typeof setTimeout> | null = null;

  constructor(connection: Connection, project: Project, runs: Runs, toasts: Toasts) {
    this.#connection = connection;
    this.#project = project;
    this.#runs = runs;
    this.#toasts = toasts;
    project.onOpened(() => void this.refresh());
    runs.onEnd((run) => {
      if (makesModels.includes(run.kind)) void this.refresh();
    });
  }

  /** Those of one task or of any, newest first. */
  of(task: Model['task'] | 'any'): readonly Model[] {
    return this.list.filter((model) => task === 'any' || model.task === task);
  }

  /** Those of them that have learned images of this project, which is what influence can be traced to. */
  learned(task: Model['task'] | 'any'): readonly Model[] {
    return this.of(task).filter((model) => model.trainCount > 0);
  }

  /** Whether a model that makes images is told the class of each; of the newest where none is named. */
  isTold(id: Model['id'] | null): boolean {
    const candidates = this.learned('generate');
    const model = candidates.find((one) => one.id === id) ?? candidates[0];
    return model?.denoiser?.conditional === true;
  }

  nameOf(id: Model['id']): string {
    return this.list.find((model) => model.id === id)?.name ?? `model ${id}`;
  }

  async refresh(): Promise<void> {
    if (this.#project.summary === null) {
      this.list = [];
      this.loaded = false;
      return;
    }
    const list = await this.#toasts.attempt(() => this.#connection.engine.models.list());
    if (list === null) return;
    this.list = list.toSorted((a, b) => b.id - a.id);
    this.loaded = true;
  }

  change(change: Partial<TrainConfig>): void {
    this.config = { ...this.config, ...change };
    this.requestEstimate();
  }

  /** What is trained next starts from this model, or from a new network. */
  startFrom(from: Model['id'] | null): void {
    const base = this.list.find((model) => model.id === from);
    // Weights that have seen the images cannot say what a model predicts for unseen ones.
    const folds = base === undefined || base.trainCount === 0 ? TrainConfig.parse({}).folds : 0;
    const { epochs, learningRate } = base === undefined ? TrainConfig.parse({}) : fineTuningDefaults;
    this.change({ from, folds, epochs, learningRate, ...(base === undefined ? { loraRank: 0 } : {}) });
  }

  restoreDefaults(): void {
    this.config = TrainConfig.parse({});
    this.requestEstimate();
  }

  /** What is wrong with the form; null where it can be started. */
  get problem(): string | null {
    const parsed = TrainConfig.safeParse(this.config);
    const issue = parsed.success ? undefined : parsed.error.issues[0];
    return issue === undefined ? null : `${issue.path.join(' ')}: ${issue.message}`;
  }

  requestEstimate(): void {
    if (this.#estimateTimer !== null) clearTimeout(this.#estimateTimer);
    this.#estimateTimer = setTimeout(() => void this.#readEstimate(), ESTIMATE_DELAY_MS);
  }

  async train(): Promise<void> {
    await this.#toasts.attempt(() => this.#runs.start({ kind: 'train', config: this.config }));
  }

  async rankLabels(modelId: Model['id']): Promise<void> {
    await this.#toasts.attempt(() => this.#runs.start({ kind: 'issues', config: { modelId } }));
  }

  async #readEstimate(): Promise<void> {
    if (this.problem !== null || this.#project.summary === null) return;
    this.estimate = await this.#toasts.attempt(() =>
      this.#runs.estimate({ kind: 'train', config: this.config }),
    );
  }
}
