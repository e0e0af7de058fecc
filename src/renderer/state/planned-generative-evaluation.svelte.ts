/** @file Setting up a measurement of how far a way of tracing generated images, or of ranking groups, can be trusted on a model that makes images. */
import type { GenerativeEvaluationKind } from '../../contract/evaluations-service.ts';
import {
  EvaluateCounterfactualConfig,
  EvaluateGenerativeLdsConfig,
  EvaluateGroupsConfig,
} from '../../contract/generation-evaluation-configs.ts';
import type { ModelId, QueryId, RunId } from '../../contract/vocabulary.ts';
import { PlannedRun } from './planned-run.svelte.ts';
import type { Runs } from './runs.svelte.ts';
import type { Toasts } from './toasts.svelte.ts';

/** What all kinds have. */
interface SharedConfig {
  readonly modelId: ModelId | null;
  /** None: all, or some that are drawn. */
  readonly queries: readonly QueryId[];
}

export class PlannedGenerativeEvaluation {
  kind = $state<GenerativeEvaluationKind>('lds');
  readonly lds: PlannedRun<EvaluateGenerativeLdsConfig>;
  readonly groups: PlannedRun<EvaluateGroupsConfig>;
  readonly counterfactual: PlannedRun<EvaluateCounterfactualConfig>;

  constructor(runs: Runs, toasts: Toasts) {
    this.lds = new PlannedRun(runs, toasts, EvaluateGenerativeLdsConfig.parse({}), (config) => ({
      kind: 'evaluate-generative-lds',
      config,
    }));
    this.groups = new PlannedRun(runs, toasts, EvaluateGroupsConfig.parse({}), (config) => ({
      kind: 'evaluate-groups',
      config,
    }));
    this.counterfactual = new PlannedRun(runs, toasts, EvaluateCounterfactualConfig.parse({}), (config) => ({
      kind: 'evaluate-counterfactual',
      config,
    }));
  }

  /** Of the chosen kind. */
  get shared(): SharedConfig {
    return this[this.kind].config;
  }

  /** Another kind for the same model and images. */
  choose(kind: GenerativeEvaluationKind): void {
    const { modelId, queries } = this.shared;
    this.kind = kind;
    this.share({ modelId, queries });
  }

  /** Changes what all kinds have, of the chosen one. */
  share({ modelId, queries }: Partial<SharedConfig>): void {
    this[this.kind].change({
      ...(modelId === undefined ? {} : { modelId }),
      ...(queries === undefined ? {} : { queries: [...queries] }),
    });
  }

  prepare(kind: GenerativeEvaluationKind, modelId: ModelId | null): void {
    this.kind = kind;
    this.share({ modelId, queries: [] });
  }

  start(): Promise<RunId | null> {
    return this[this.kind].start();
  }
}
