/** @file What an ensemble consists of, counted before it is made. */
import { attributionMethods } from '../../../core/attribution/registry.ts';
import type { AttributionChoices } from '../../../contract/attribution-choices.ts';

export interface EnsembleSize {
  /** Models that are trained beside the model itself. */
  readonly trained: number;
  /** Adapters that are fine-tuned. */
  readonly adapters: number;
  /** Members with features of their own. */
  readonly scoring: number;
  /** Members that only pass the images forward. */
  readonly forward: number;
}

export function ensembleSize(choices: AttributionChoices): EnsembleSize {
  const { ensemble, models, variants, modelShare, method } = choices;
  const trained = modelShare < 1 ? models : models - 1;
  const each = models * variants;
  if (ensemble === 'independent') return { trained, adapters: 0, scoring: models, forward: 0 };
  if (ensemble === 'lora') return { trained, adapters: each, scoring: each, forward: 0 };
  if (ensemble !== 'dropout-forward') return { trained, adapters: 0, scoring: each, forward: 0 };
  const weighs = attributionMethods[method].sampleWeight === 'residual';
  return { trained, adapters: 0, scoring: models, forward: weighs ? each : 0 };
}
