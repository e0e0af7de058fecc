/** @file Types of the element-wise operators. */
import { assert } from '../../base/assert.ts';
import { broadcastShapes } from '../../tensor/shape.ts';
import { isFloat, type DType, type TensorType } from '../../tensor/tensor.ts';
import type { InferenceRules } from '../rule.ts';
import { takes } from './takes.ts';

function commonDType(inputs: readonly TensorType[]): DType {
  const [first, ...rest] = inputs;
  assert(first !== undefined, 'wants at least one input');
  for (const other of rest) {
    assert(other.dtype === first.dtype, `element types differ: ${first.dtype} and ${other.dtype}`);
  }
  return first.dtype;
}

const broadcast = (output: (common: DType) => DType) =>
  takes(2, (inputs) => [
    { dtype: output(commonDType(inputs)), shape: broadcastShapes(...inputs.map((input) => input.shape)) },
  ]);

const arithmetic = broadcast((common) => {
  assert(common !== 'bool', 'arithmetic on bool');
  return common;
});
const division = broadcast((common) => {
  assert(isFloat(common), `division of ${common}`);
  return common;
});
const comparison = broadcast(() => 'bool');
const logical = broadcast((common) => {
  assert(common === 'bool', `logic on ${common}`);
  return 'bool';
});

/** Same type out as in. */
const sameType = takes(1, (inputs) => inputs);

const sameFloat = takes(1, (inputs) => {
  const { dtype } = inputs[0]!;
  assert(isFloat(dtype), `wants a float, got ${dtype}`);
  return inputs;
});

export const elementwiseInference = {
  Add: arithmetic,
  Sub: arithmetic,
  Mul: arithmetic,
  Div: division,
  Pow: division,
  Max: arithmetic,
  Min: arithmetic,
  Neg: sameType,
  Abs: sameType,
  Sign: sameType,
  Exp: sameFloat,
  Log: sameFloat,
  Sqrt: sameFloat,
  Reciprocal: sameFloat,
  Sigmoid: sameFloat,
  Tanh: sameFloat,
  Erf: sameFloat,
  Floor: sameFloat,
  Sin: sameFloat,
  Cos: sameFloat,
  Relu: sameFloat,
  Clip: takes(1, (inputs, { low, high }) => {
    assert(isFloat(inputs[0]!.dtype) && low <= high, `clipping ${inputs[0]!.dtype} to ${low} … ${high}`);
    return inputs;
  }),
  ReluMask: sameFloat,
  StopGradient: sameType,
  Cast: takes(1, (inputs, { to }) => [{ dtype: to, shape: inputs[0]!.shape }]),
  Equal: comparison,
  Greater: comparison,
  GreaterOrEqual: comparison,
  Less: comparison,
  LessOrEqual: comparison,
  And: logical,
  Or: logical,
  Not: takes(1, (inputs) => {
    assert(inputs[0]!.dtype === 'bool', `logic on ${inputs[0]!.dtype}`);
    return inputs;
  }),
  Where: takes(3, (inputs) => {
    assert(inputs[0]!.dtype === 'bool', `the condition must be bool, got ${inputs[0]!.dtype}`);
    const shape = broadcastShapes(...inputs.map((input) => input.shape));
    return [{ dtype: commonDType(inputs.slice(1)), shape }];
  }),
} satisfies Partial<InferenceRules>;
