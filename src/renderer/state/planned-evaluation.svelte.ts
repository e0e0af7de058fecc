/** @file Setting up a measurement of how far a way of attributing can be trusted on a classifier: of one of six kinds. */
import { AttributionChoices } from '../../contract/attribution-choices.ts';
import { EvaluateDatamodelConfig } from '../../contract/datamodel-configs.ts';
import {
  EvaluateBrittlenessConfig,
  EvaluateLdsConfig,
  EvaluateLeaveOneOutConfig,
  EvaluateMislabelConfig,
} from '../../contract/evaluation-configs.ts';
import type { ClassifierEvaluationKind } from '../../contract/evaluations-service.ts';
import { EvaluateSelectionConfig } from '../../contract/selection-config.ts';
import type { ModelId, RunId } from '../../contract/vocabulary.ts';
import { PlannedRun } from './planned-run.svelte.ts';
import type { Runs } from './runs.svelte.ts';
import type { Toasts } from './toasts.svelte.ts';

/** What all kinds have: a way to attribute, and the model. */
type SharedConfig = AttributionChoices & { readonly modelId: ModelId | null };

const sharedNames = [...AttributionChoices.keyof().options, 'modelId'] as const;

export const evaluationSchemas = {
  lds: EvaluateLdsConfig,
  loo: EvaluateLeaveOneOutConfig,
  ddm: EvaluateDatamodelConfig,
  brittleness: EvaluateBrittlenessConfig,
  'mislabel-auc': EvaluateMislabelConfig,
  selection: EvaluateSelectionConfig,
} as const satisfies Record<ClassifierEvaluationKind, unknown>;

export class PlannedEvaluation {
  kind = $state<ClassifierEvaluationKind>('lds');
  readonly #plans: Readonly<Record<ClassifierEvaluationKind, PlannedRun<SharedConfig>>>;

  constructor(runs: Runs, toasts: Toasts) {
    const plan = (kind: ClassifierEvaluationKind): PlannedRun<SharedConfig> =>
      new PlannedRun<SharedConfig>(runs, toasts, evaluationSchemas[kind].parse({}), (config) => ({
        kind: `evaluate-${kind}`,
        // What a form leaves wrong is refused by the schema, with a reason.
        config: config as never,
      }));
    this.#plans = {
      lds: plan('lds'),
      loo: plan('loo'),
      ddm: plan('ddm'),
      brittleness: plan('brittleness'),
      'mislabel-auc': plan('mislabel-auc'),
      selection: plan('selection'),
    };
  }

  /** The run of the chosen kind. */
  get plan(): PlannedRun<SharedConfig> {
    return this.#plans[this.kind];
  }

  /** The settings that this kind alone has, by name. */
  get ownNames(): readonly string[] {
    const shared: readonly string[] = [...sharedNames, 'synsetId', 'provider'];
    return Object.keys(evaluationSchemas[this.kind].shape).filter((name) => !shared.includes(name));
  }

  /** Another kind for the same way to attribute and the same model. */
  choose(kind: ClassifierEvaluationKind): void {
    const { config } = this.plan;
    this.kind = kind;
    this.plan.change(Object.fromEntries(sharedNames.map((name) => [name, config[name]])));
  }

  prepare(
    kind: ClassifierEvaluationKind,
    modelId: ModelId | null,
    choices: Partial<AttributionChoices> = {},
  ): void {
    this.choose(kind);
    this.plan.change({ ...choices, modelId });
  }

  start(): Promise<RunId | null> {
    return this.plan.start();
  }
}
