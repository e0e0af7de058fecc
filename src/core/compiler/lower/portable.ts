/**
 * @file What differs from the CPU where a GPU runs the program. Everything is plain ONNX with one meaning everywhere, so it computes the
 * same on the CPU too. A provider that lacks an operator (scattering, equality of integers) leaves that node to the CPU.
 */
import { intAttribute } from '../../onnx/model.ts';
import { elementTypeCodes } from '../../onnx/schema.ts';
import { firstMaximumLowerings } from './first-maximum.ts';
import { plainReduction } from './reduction.ts';
import type { Lowering, Lowerings, LoweringSite } from './rule.ts';

/** 1 where `comparison` with zero holds, else 0. */
function maskOf(
  { emitter, node, inputs }: LoweringSite<'ReluMask'> | LoweringSite<'Sign'>,
  comparison: 'Greater' | 'Less',
): string {
  const { dtype } = node.inputs[0]!.type;
  const holds = emitter.emit(comparison, [inputs[0]!, emitter.filled(dtype, [], 0)]);
  return emitter.emit('Cast', [holds], { to: intAttribute(elementTypeCodes[dtype]) });
}

/** x − max − log Σ exp(x − max). */
const logSoftmax: Lowering<'LogSoftmax'> = ({ emitter, inputs }) => {
  const reduce = (operator: string, name: string): string =>
    emitter.emit(operator, [name, emitter.int64s([-1])], { keepdims: intAttribute(1) });
  const shifted = emitter.emit('Sub', [inputs[0]!, reduce('ReduceMax', inputs[0]!)]);
  const total = reduce('ReduceSum', emitter.emit('Exp', [shifted]));
  return [emitter.emit('Sub', [shifted, emitter.emit('Log', [total])])];
};

export const webgpuOverrides = {
  ...firstMaximumLowerings,
  // The CPU's one-pass mask overflows on purpose, which shader languages leave undefined.
  ReluMask: (site) => [maskOf(site, 'Greater')],
  Sign: (site) => [site.emitter.emit('Sub', [maskOf(site, 'Greater'), maskOf(site, 'Less')])],
  LogSoftmax: logSoftmax,
  // a ∨ b = ¬(¬a ∧ ¬b): there is no Or.
  Or: ({ emitter, inputs }) => {
    const negated = inputs.map((name) => emitter.emit('Not', [name]));
    return [emitter.emit('Not', [emitter.emit('And', negated)])];
  },
  // Products with rows of ones pay on the CPU only.
  ReduceSum: plainReduction,
  ReduceMean: plainReduction,
} satisfies Partial<Lowerings>;

/** LayerNormalization's optional outputs, which hold the deviation, exist in few places. */
const standardize: Lowering<'Standardize'> = ({ emitter, node, inputs, attributes }) => {
  const { dtype } = node.inputs[0]!.type;
  const mean = (name: string): string =>
    emitter.emit('ReduceMean', [name, emitter.int64s([-1])], { keepdims: intAttribute(1) });
  const centred = emitter.emit('Sub', [inputs[0]!, mean(inputs[0]!)]);
  const variance = mean(emitter.emit('Mul', [centred, centred]));
  const widened = emitter.emit('Add', [variance, emitter.filled(dtype, [], attributes.epsilon)]);
  const inverseDeviation = emitter.emit('Reciprocal', [emitter.emit('Sqrt', [widened])]);
  return [emitter.emit('Mul', [centred, inverseDeviation]), inverseDeviation];
};

export const portableOverrides = {
  ...webgpuOverrides,
  Standardize: standardize,
} satisfies Partial<Lowerings>;
