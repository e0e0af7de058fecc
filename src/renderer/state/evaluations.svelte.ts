/** @file What was measured about the methods on the project's models. */
import type { Evaluation, EvaluationId, EvaluationKind } from '../../contract/evaluations-service.ts';
import type { Run } from '../../contract/runs-service.ts';
import type { ModelId } from '../../contract/vocabulary.ts';
import type { Connection } from './connection.svelte.ts';
import type { Models } from './models.svelte.ts';
import type { Project } from './project.svelte.ts';
import type { Runs } from './runs.svelte.ts';
import type { Toasts } from './toasts.svelte.ts';

export class Evaluations {
  /** Of all models, newest first. */
  list = $state.raw<readonly Evaluation[]>([]);
  loaded = $state(false);
  kind = $state<EvaluationKind>('lds');
  #chosenModelId = $state.raw<ModelId | null>(null);
  readonly #connection: Connection;
  readonly #project: Project;
  readonly #models: Models;
  readonly #runs: Runs;
  readonly #toasts: Toasts;
  readonly #changeListeners: (() => void)[] = [];

  constructor(connection: Connection, project: Project, models: Models, runs: Runs, toasts: Toasts) {
    this.#connection = connection;
    this.#project = project;
    this.#models = models;
    this.#runs = runs;
    this.#toasts = toasts;
    connection.onReady((engine) => void engine.evaluations.on('changed', () => void this.refresh()));
    project.onOpened(() => {
      this.#chosenModelId = null;
      void this.refresh();
    });
    runs.onEnd((run) => {
      if (isEvaluation(run)) void this.refresh();
    });
  }

  /** Called after the list was read anew: what scores may be taken for may have changed. */
  onChange(listener: () => void): void {
    this.#changeListeners.push(listener);
  }

  /** The model that is looked at: the chosen one, else the newest that was evaluated, else the newest. */
  get modelId(): ModelId | null {
    return this.#chosenModelId ?? this.list[0]?.modelId ?? this.#models.of('classify')[0]?.id ?? null;
  }

  chooseModel(id: ModelId | null): void {
    this.#chosenModelId = id;
  }

  /** The evaluations of the chosen model and kind. */
  get shown(): readonly Evaluation[] {
    return this.list.filter(
      (evaluation) => evaluation.modelId === this.modelId && evaluation.kind === this.kind,
    );
  }

  count(kind: EvaluationKind): number {
    return this.list.filter((evaluation) => evaluation.modelId === this.modelId && evaluation.kind === kind)
      .length;
  }

  /** The one under way or waiting, the one nearest to its end first; null where there is none. */
  get run(): Run | null {
    return this.#runs.active.findLast(isEvaluation) ?? null;
  }

  async refresh(): Promise<void> {
    if (this.#project.summary === null) {
      this.list = [];
      this.loaded = false;
      return;
    }
    const list = await this.#toasts.attempt(() => this.#connection.engine.evaluations.list({}));
    if (list === null) return;
    this.list = list;
    this.loaded = true;
    for (const listener of this.#changeListeners) listener();
  }

  async remove(id: EvaluationId): Promise<void> {
    const { evaluations } = this.#connection.engine;
    await this.#toasts.attempt(() => evaluations.remove({ id }));
    await this.refresh();
  }
}

function isEvaluation(run: Run): boolean {
  return run.kind.startsWith('evaluate-');
}
