/** @file Setting up and following a run that ranks labels: by what, and how long it takes. */
import { IssuesConfig, type Run } from '../../contract/runs-service.ts';
import { PlannedRun } from './planned-run.svelte.ts';
import type { Project } from './project.svelte.ts';
import type { Runs } from './runs.svelte.ts';
import type { Toasts } from './toasts.svelte.ts';

export class IssueRanking {
  readonly plan: PlannedRun<IssuesConfig>;
  readonly #runs: Runs;

  constructor(project: Project, runs: Runs, toasts: Toasts) {
    this.#runs = runs;
    this.plan = new PlannedRun(runs, toasts, IssuesConfig.parse({}), (config) => ({
      kind: 'issues',
      config,
    }));
    project.onOpened(() => (this.plan.config = IssuesConfig.parse({})));
  }

  /** The ranking under way or waiting, the one nearest to its end first; null where there is none. */
  get run(): Run | null {
    return this.#runs.active.findLast((run) => run.kind === 'issues') ?? null;
  }
}
