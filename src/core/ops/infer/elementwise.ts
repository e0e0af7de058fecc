/** @file Types of the element-wise operators. */
import { assert } from '../../base/assert.ts';
import { broadcastShapes } from '../../tensor/shape.ts';
import { isFloat, type DType, type TensorType } from '../../tensor/tensor.ts';
import type { InferenceRules } from '../rule.ts';

function expectCount(inputs: readonly TensorType[], count: number): void {
  assert(inputs.length === count, `wants ${count} inputs, got ${inputs.length}`);
}

function commonDType(inputs: readonly TensorType[]): DType {
  const [first, ...rest] = inputs;
  assert(first !== undefined, 'wants at least one input');
  for (const other of rest) {
    assert(other.dtype === first.dtype, `element types differ: ${first.dtype} and ${other.dtype}`);
  }
  return first.dtype;
}

const broadcast =
  (output: (common: DType) => DType) =>
  (inputs: readonly TensorType[]): TensorType[] => {
    expectCount(inputs, 2);
    return [
      { dtype: output(commonDType(inputs)), shape: broadcastShapes(...inputs.map((input) => input.shape)) },
    ];
  };

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
function sameType(inputs: readonly TensorType[]): TensorType[] {
  expectCount(inputs, 1);
  return [inputs[0]!];
}

function sameFloat(inputs: readonly TensorType[]): TensorType[] {
  const types = sameType(inputs);
  assert(isFloat(types[0]!.dtype), `wants a float, got ${types[0]!.dtype}`);
  return types;
}

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
  Relu: sameFloat,
  ReluMask: sameFloat,
  StopGradient: sameType,
  Cast: (inputs, { to }) => {
    expectCount(inputs, 1);
    return [{ dtype: to, shape: inputs[0]!.shape }];
  },
  Equal: comparison,
  Greater: comparison,
  GreaterOrEqual: comparison,
  Less: comparison,
  LessOrEqual: comparison,
  And: logical,
  Or: logical,
  Not: (inputs) => {
    expectCount(inputs, 1);
    assert(inputs[0]!.dtype === 'bool', `logic on ${inputs[0]!.dtype}`);
    return [inputs[0]!];
  },
  Where: (inputs) => {
    expectCount(inputs, 3);
    assert(inputs[0]!.dtype === 'bool', `the condition must be bool, got ${inputs[0]!.dtype}`);
    return [
      { dtype: commonDType(inputs.slice(1)), shape: broadcastShapes(...inputs.map((input) => input.shape)) },
    ];
  },
} satisfies Partial<InferenceRules>;
