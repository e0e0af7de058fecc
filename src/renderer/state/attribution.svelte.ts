/** @file Setting up and following a run that estimates influence. */
import type { AttributionChoices } from '../../contract/attribution-choices.ts';
import { AttributeConfig, type Run } from '../../contract/runs-service.ts';
import type { ModelId } from '../../contract/vocabulary.ts';
import { PlannedRun } from './planned-run.svelte.ts';
import type { Project } from './project.svelte.ts';
import type { Runs } from './runs.svelte.ts';
import type { Toasts } from './toasts.svelte.ts';

export class Attribution {
  readonly plan: PlannedRun<AttributeConfig>;
  readonly #runs: Runs;

  constructor(project: Project, runs: Runs, toasts: Toasts) {
    this.#runs = runs;
    this.plan = new PlannedRun(runs, toasts, AttributeConfig.parse({}), (config) => ({
      kind: 'attribute',
      config,
    }));
    project.onOpened(() => (this.plan.config = AttributeConfig.parse({})));
  }

  /** The one under way or waiting, the one nearest to its end first; null where there is none. */
  get run(): Run | null {
    return this.#runs.active.findLast((run) => run.kind === 'attribute') ?? null;
  }

  /** Of which model, with the choices of before or with others. */
  prepare(modelId: ModelId | null, choices: Partial<AttributionChoices> = {}): void {
    this.plan.change({ ...choices, modelId });
  }
}
