/** @file A run while it is set up: its settings, what is wrong with them, and what it would take. */
import { RunRequest } from '../../contract/runs-service.ts';
import type { RunId } from '../../contract/vocabulary.ts';
import { AppError } from '../../core/base/app-error.ts';
import { translateSaid } from '../texts/translate.svelte.ts';
import type { RunEstimate, Runs } from './runs.svelte.ts';
import type { Toasts } from './toasts.svelte.ts';

/** Changes of one moment ask once. */
const ESTIMATE_DELAY_MS = 250;

export class PlannedRun<Config extends object> {
  config: Config;
  /** null while it is not known for the settings as they are. */
  estimate = $state.raw<RunEstimate | null>(null);
  /** Why it cannot be told what it would take; null where it can. */
  refusal = $state<string | null>(null);
  starting = $state(false);
  readonly #runs: Runs;
  readonly #toasts: Toasts;
  readonly #requestFor: (config: Config) => RunRequest;
  #timer: ReturnType<typeof setTimeout> | null = null;
  #latestQuestion = 0;

  /** `requestFor` says which run is started with a config. */
  constructor(runs: Runs, toasts: Toasts, config: Config, requestFor: (config: Config) => RunRequest) {
    this.config = $state.raw(config);
    this.#requestFor = requestFor;
    this.#runs = runs;
    this.#toasts = toasts;
  }

  /** What is wrong with the settings; null where it can be started. */
  get problem(): string | null {
    const parsed = RunRequest.safeParse(this.#request);
    const issue = parsed.success ? undefined : parsed.error.issues[0];
    return issue === undefined ? null : `${issue.path.slice(1).join(' ')}: ${issue.message}`;
  }

  change(change: Partial<Config>): void {
    this.config = { ...this.config, ...change };
    this.requestEstimate();
  }

  /** Asks what it would take, a moment later; an answer that a change has overtaken is dropped. */
  requestEstimate(): void {
    this.estimate = null;
    this.refusal = null;
    const question = ++this.#latestQuestion;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#readEstimate(question), ESTIMATE_DELAY_MS);
  }

  /** Answers the run's id; null where it was refused, which is shown. */
  async start(): Promise<RunId | null> {
    this.starting = true;
    const runId = await this.#toasts.attempt(() => this.#runs.start(this.#request));
    this.starting = false;
    return runId;
  }

  get #request(): RunRequest {
    return this.#requestFor(this.config);
  }

  async #readEstimate(question: number): Promise<void> {
    if (this.problem !== null) return;
    try {
      const estimate = await this.#runs.estimate(this.#request);
      if (question === this.#latestQuestion) this.estimate = estimate;
    } catch (error) {
      if (question !== this.#latestQuestion) return;
      if (error instanceof AppError) this.refusal = translateSaid(error.message);
      else this.#toasts.error(error);
    }
  }
}
