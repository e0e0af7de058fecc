/** @file 'Find label problems': train, attribute, rank, started one after the other. The plan survives a reload. */
import { IssuesConfig, TrainConfig, type Run, type RunRequest } from '../../contract/runs-service.ts';
import type { RunId } from '../../contract/vocabulary.ts';
import { isStep, nextStep, type AnalysisStep, analysisSteps, startingStep } from './analysis-plan.ts';
import type { Project } from './project.svelte.ts';
import type { RunEstimate, Runs } from './runs.svelte.ts';
import type { Toasts } from './toasts.svelte.ts';

interface Plan {
  readonly projectPath: string;
  readonly step: AnalysisStep;
  readonly runId: RunId;
}

const STORAGE_KEY = 'whence.analysis';

export class Analysis {
  #plan = $state.raw<Plan | null>(null);
  estimates = $state.raw<Readonly<Partial<Record<AnalysisStep, RunEstimate>>>>({});
  #starting = $state(false);
  readonly #project: Project;
  readonly #runs: Runs;
  readonly #toasts: Toasts;
  readonly #ranking: () => IssuesConfig;
  readonly #training: () => TrainConfig;

  /** `ranking`: what the labels are to be ranked by; `training`: how the model is trained. Both are asked for when it comes to that. */
  constructor(
    project: Project,
    runs: Runs,
    toasts: Toasts,
    ranking: () => IssuesConfig = () => IssuesConfig.parse({}),
    training: () => TrainConfig = () => TrainConfig.parse({}),
  ) {
    this.#training = training;
    this.#ranking = ranking;
    this.#project = project;
    this.#runs = runs;
    this.#toasts = toasts;
    project.onOpened(() => {
      const stored = readStoredPlan();
      this.#plan = stored?.projectPath === project.summary?.path ? stored : null;
      this.estimates = {};
    });
    runs.onChange(() => void this.#advance());
    runs.onResume((before, after) => {
      if (this.#plan?.runId === before) this.#setPlan({ ...this.#plan, runId: after });
    });
  }

  /** The step under way or the one that stopped; null where no plan is being followed. */
  get step(): AnalysisStep | null {
    return this.#plan?.step ?? null;
  }

  get run(): Run | null {
    return this.#runs.byId(this.#plan?.runId ?? null);
  }

  get isWorking(): boolean {
    return this.#starting || (this.run !== null && ['queued', 'running'].includes(this.run.status));
  }

  /** The step stopped without finishing and waits for a decision. */
  get hasStopped(): boolean {
    return this.run !== null && ['failed', 'cancelled', 'interrupted'].includes(this.run.status);
  }

  /** The steps still to be done from here, given what has been done since the last import. */
  get remainingSteps(): readonly AnalysisStep[] {
    const from = analysisSteps.indexOf(this.step ?? startingStep(this.#runs.list));
    return analysisSteps.slice(from);
  }

  /** A run of one of the steps that was started elsewhere: in Models, in another window. */
  get foreignRun(): Run | null {
    if (this.#plan !== null) return null;
    return this.#runs.active.find((run) => isStep(run.kind)) ?? null;
  }

  /** Starts with the first step whose result is not there yet; a run under way is taken for its step. */
  async start(): Promise<void> {
    const projectPath = this.#project.summary?.path;
    if (this.isWorking || projectPath === undefined) return;
    const { foreignRun } = this;
    if (foreignRun !== null && isStep(foreignRun.kind)) {
      this.#setPlan({ projectPath, step: foreignRun.kind, runId: foreignRun.id });
    } else {
      await this.#begin(startingStep(this.#runs.list));
    }
  }

  /** Trains again on the corrected labels and ranks anew. */
  async startOver(): Promise<void> {
    if (!this.isWorking) await this.#begin('train');
  }

  dismiss(): void {
    this.#setPlan(null);
  }

  async readEstimates(): Promise<void> {
    for (const step of this.remainingSteps) {
      try {
        const estimate = await this.#runs.estimate(this.#requestFor(step));
        this.estimates = { ...this.estimates, [step]: estimate };
      } catch {
        // A later step cannot be estimated before the model of an earlier one exists: shown without an estimate.
        return;
      }
    }
  }

  async #begin(step: AnalysisStep): Promise<void> {
    const projectPath = this.#project.summary?.path;
    if (this.#starting || projectPath === undefined) return;
    this.#starting = true;
    const runId = await this.#toasts.attempt(() => this.#runs.start(this.#requestFor(step)));
    this.#setPlan(runId === null ? null : { projectPath, step, runId });
    this.#starting = false;
    // The run may have ended while its id was on the way.
    await this.#advance();
  }

  async #advance(): Promise<void> {
    if (this.#plan === null || this.#starting || this.run?.status !== 'finished') return;
    const next = nextStep(this.#plan.step);
    if (next === null) this.#setPlan(null);
    else await this.#begin(next);
  }

  #requestFor(step: AnalysisStep): RunRequest {
    if (step === 'train') return { kind: 'train', config: this.#training() };
    if (step === 'issues') return { kind: 'issues', config: { ...this.#ranking(), modelId: null } };
    return { kind: step, config: {} };
  }

  #setPlan(plan: Plan | null): void {
    this.#plan = plan;
    if (plan === null) localStorage.removeItem(STORAGE_KEY);
    else localStorage.setItem(STORAGE_KEY, JSON.stringify(plan));
  }
}

function readStoredPlan(): Plan | null {
  const stored = localStorage.getItem(STORAGE_KEY);
  return stored === null ? null : (JSON.parse(stored) as Plan);
}
