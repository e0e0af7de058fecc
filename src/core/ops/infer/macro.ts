/** @file Types of matrix multiplication and of the macro operators. */
import { assert } from '../../base/assert.ts';
import { broadcastShapes, printShape } from '../../tensor/shape.ts';
import { isFloat, sameShape, type Shape, type TensorType } from '../../tensor/tensor.ts';
import { convOutputShape, poolOutputShape } from '../geometry.ts';
import type { InferenceRules } from '../rule.ts';
import { takes } from './takes.ts';

function expectShape(what: string, found: Shape, expected: Shape): void {
  assert(sameShape(found, expected), `${what} is ${printShape(found)}, expected ${printShape(expected)}`);
}

/** The element type, which must be one float type throughout. */
function floatType(...inputs: readonly (TensorType | undefined)[]): TensorType['dtype'] {
  const dtype = inputs[0]?.dtype;
  assert(dtype !== undefined && isFloat(dtype), `wants floats, got ${dtype ?? 'nothing'}`);
  assert(
    inputs.every((input) => input?.dtype === dtype),
    'element types differ',
  );
  return dtype;
}

function matrixOf(shape: Shape, transposed: boolean): [number, number] {
  assert(shape.length >= 2, `a matrix needs two axes, got ${printShape(shape)}`);
  const [rows, columns] = [shape.at(-2)!, shape.at(-1)!];
  return transposed ? [columns, rows] : [rows, columns];
}

function lastAxisFloat(inputs: readonly TensorType[]): TensorType {
  floatType(...inputs);
  assert(inputs[0]!.shape.length >= 1, 'a scalar has no last axis');
  return inputs[0]!;
}

/** [N, C, H, W] with `change` mapped over H and W, which must stay whole. */
function mapImage(shape: Shape, change: (extent: number) => number): Shape {
  assert(shape.length === 4, `wants rank 4, got ${printShape(shape)}`);
  const changed = [shape[0]!, shape[1]!, change(shape[2]!), change(shape[3]!)];
  assert(changed.every(Number.isInteger), `${printShape(shape)} does not divide into whole blocks`);
  return changed;
}

export const macroInference = {
  MatMul: takes(2, ([a, b], { transposeA, transposeB }) => {
    const [rows, inner] = matrixOf(a!.shape, transposeA);
    const [innerB, columns] = matrixOf(b!.shape, transposeB);
    assert(inner === innerB, `multiplying ${printShape(a!.shape)} and ${printShape(b!.shape)}`);
    const batch = broadcastShapes(a!.shape.slice(0, -2), b!.shape.slice(0, -2));
    return [{ dtype: floatType(a, b), shape: [...batch, rows, columns] }];
  }),
  Conv: takes(
    2,
    (inputs, geometry) => {
      const [x, w, bias] = inputs;
      if (bias !== undefined) expectShape('the bias', bias.shape, [w!.shape[0]!]);
      return [{ dtype: floatType(...inputs), shape: convOutputShape(x!.shape, w!.shape, geometry) }];
    },
    3,
  ),
  ConvInputGradient: takes(2, ([dy, w], { inputShape, ...geometry }) => {
    expectShape('dy', dy!.shape, convOutputShape(inputShape, w!.shape, geometry));
    return [{ dtype: floatType(dy, w), shape: inputShape }];
  }),
  ConvWeightGradient: takes(2, ([x, dy], { weightShape, ...geometry }) => {
    expectShape('dy', dy!.shape, convOutputShape(x!.shape, weightShape, geometry));
    return [{ dtype: floatType(x, dy), shape: weightShape }];
  }),
  ConvPerSampleWeightGradient: takes(2, ([x, dy], { weightShape, ...geometry }) => {
    expectShape('dy', dy!.shape, convOutputShape(x!.shape, weightShape, geometry));
    return [{ dtype: floatType(x, dy), shape: [x!.shape[0]!, ...weightShape] }];
  }),
  MaxPool: takes(1, ([x], geometry) => {
    const shape = poolOutputShape(x!.shape, geometry);
    return [
      { dtype: floatType(x), shape },
      { dtype: 'int64', shape },
    ];
  }),
  FlatScatterAdd: takes(2, ([values, indices], { shape }) => {
    assert(indices?.dtype === 'int64', 'indices must be int64');
    expectShape('indices', indices.shape, values!.shape);
    return [{ dtype: floatType(values), shape }];
  }),
  FlatGather: takes(2, ([x, indices]) => {
    assert(indices?.dtype === 'int64', 'indices must be int64');
    return [{ dtype: floatType(x), shape: indices.shape }];
  }),
  AveragePool: takes(1, ([x], geometry) => [
    { dtype: floatType(x), shape: poolOutputShape(x!.shape, geometry) },
  ]),
  AveragePoolInputGradient: takes(1, ([dy], { inputShape, ...geometry }) => {
    expectShape('dy', dy!.shape, poolOutputShape(inputShape, geometry));
    return [{ dtype: floatType(dy), shape: inputShape }];
  }),
  Standardize: takes(1, (inputs) => {
    const { dtype, shape } = lastAxisFloat(inputs);
    return [
      { dtype, shape },
      { dtype, shape: [...shape.slice(0, -1), 1] },
    ];
  }),
  Softmax: takes(1, (inputs) => [lastAxisFloat(inputs)]),
  LogSoftmax: takes(1, (inputs) => [lastAxisFloat(inputs)]),
  UpsampleNearest: takes(1, ([x], { scale }) => [
    { dtype: floatType(x), shape: mapImage(x!.shape, (extent) => extent * scale) },
  ]),
  DownsampleSum: takes(1, ([x], { scale }) => [
    { dtype: floatType(x), shape: mapImage(x!.shape, (extent) => extent / scale) },
  ]),
} satisfies Partial<InferenceRules>;
