/** @file The import rule of every supported ONNX operator. `docs/supported-ops.md` is generated from this table. */
import type { OnnxNode } from '../model.ts';
import type { ImportRule, ImportRules } from './import-rule.ts';
import { activationRules } from './rules/activation.ts';
import { attentionRules } from './rules/attention.ts';
import { comparisonRules } from './rules/comparison.ts';
import { constantRules } from './rules/constants.ts';
import { controlFlowRules } from './rules/control-flow.ts';
import { convolutionRules } from './rules/convolution.ts';
import { einsumRules } from './rules/einsum.ts';
import { elementwiseRules } from './rules/elementwise.ts';
import { gatheringRules } from './rules/gathering.ts';
import { linearRules } from './rules/linear.ts';
import { movementRules } from './rules/movement.ts';
import { normalizationRules } from './rules/normalization.ts';
import { poolingRules } from './rules/pooling.ts';
import { quantizationRules } from './rules/quantization.ts';
import { reductionRules } from './rules/reduction.ts';
import { resizeRules } from './rules/resize.ts';
import { scatteringRules } from './rules/scattering.ts';
import { slicingRules } from './rules/slicing.ts';

export const importRules: ImportRules = {
  ...elementwiseRules,
  ...activationRules,
  ...comparisonRules,
  ...constantRules,
  ...movementRules,
  ...slicingRules,
  ...gatheringRules,
  ...scatteringRules,
  ...reductionRules,
  ...einsumRules,
  ...quantizationRules,
  ...controlFlowRules,
  ...convolutionRules,
  ...poolingRules,
  ...normalizationRules,
  ...linearRules,
  ...resizeRules,
  ...attentionRules,
};

export const supportedOperators: readonly string[] = Object.keys(importRules).sort();

/** As the tables name it: the type, with its domain where that is not the standard one. */
export function operatorKey({ domain, opType }: Pick<OnnxNode, 'domain' | 'opType'>): string {
  return domain === '' || domain === 'ai.onnx' ? opType : `${domain}.${opType}`;
}

export function importRuleOf(key: string): ImportRule | null {
  return Object.hasOwn(importRules, key) ? importRules[key]! : null;
}
