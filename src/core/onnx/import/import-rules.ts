/** @file The import rule of every supported ONNX operator. `docs/supported-ops.md` is generated from this table. */
import type { OnnxNode } from '../model.ts';
import type { ImportRule, ImportRules } from './import-rule.ts';
import { attentionRules } from './rules/attention.ts';
import { controlFlowRules } from './rules/control-flow.ts';
import { convolutionRules } from './rules/convolution.ts';
import { elementwiseRules } from './rules/elementwise.ts';
import { linearRules } from './rules/linear.ts';
import { normalizationRules } from './rules/normalization.ts';
import { poolingRules } from './rules/pooling.ts';
import { resizeRules } from './rules/resize.ts';

export const importRules: ImportRules = {
  ...elementwiseRules,
  ...controlFlowRules,
  ...convolutionRules,
  ...poolingRules,
  ...normalizationRules,
  ...linearRules,
  ...resizeRules,
  ...attentionRules,
};

export const supportedOperators: readonly string[] = Object.keys(importRules).sort();

export function importRuleOf({ domain, opType }: Pick<OnnxNode, 'domain' | 'opType'>): ImportRule | null {
  const key = domain === '' || domain === 'ai.onnx' ? opType : `${domain}.${opType}`;
  return Object.hasOwn(importRules, key) ? importRules[key]! : null;
}
