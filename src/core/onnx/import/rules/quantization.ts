/**
 * @file Quantised values. Weights behind DequantizeLinear are floats before any rule is asked (`dequantize-weights.ts`); what arrives
 * here are activations, through whose steps no useful gradient flows.
 */
import { stepwise, type ImportRules } from '../import-rule.ts';
import { refusedOperators } from '../refused-operators.ts';

const weightsOnly = stepwise(
  (site) => site.refuse(refusedOperators['DynamicQuantizeLinear']!),
  'weights only',
);

export const quantizationRules: ImportRules = { DequantizeLinear: weightsOnly, QuantizeLinear: weightsOnly };
