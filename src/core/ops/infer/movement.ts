/** @file Types of the operators that move elements and of those that reduce axes. */
import { assert } from '../../base/assert.ts';
import type { ReduceAttributes } from '../../graph/op-attributes.ts';
import { canExpand, printShape, reducedShape } from '../../tensor/shape.ts';
import { elementCount, sameShape, type Shape, type TensorType } from '../../tensor/tensor.ts';
import type { InferenceRules } from '../rule.ts';
import { takes } from './takes.ts';

/** Number of elements a slice takes along one axis: at least one. */
function sliceExtent(extent: number, start: number, end: number, step: number): number {
  const legal =
    step > 0
      ? start >= 0 && start < end && end <= extent
      : step < 0 && end >= -1 && end < start && start < extent;
  assert(legal && Number.isInteger(step), `slice ${start}:${end}:${step} of extent ${extent}`);
  return Math.ceil((end - start) / step);
}

function expectIndices(indices: TensorType | undefined): void {
  assert(indices?.dtype === 'int64', `indices must be int64, got ${indices?.dtype ?? 'nothing'}`);
}

/** Shape of `data` after taking the `indices` along `axis`. */
function gatheredShape(data: Shape, indices: Shape, axis: number): Shape {
  assert(axis >= 0 && axis < data.length, `axis ${axis} of ${printShape(data)}`);
  return [...data.slice(0, axis), ...indices, ...data.slice(axis + 1)];
}

/** The indices name an element in each line along `axis`; across, they may cover less than the data. */
function expectElementIndices(data: Shape, indices: Shape, axis: number): void {
  const fits =
    data.length === indices.length &&
    axis >= 0 &&
    axis < data.length &&
    indices.every((extent, index) => index === axis || extent <= data[index]!);
  assert(fits, `indices ${printShape(indices)} along axis ${axis} of ${printShape(data)}`);
}

function reduce(inputs: readonly TensorType[], { axes, keepDims }: ReduceAttributes): TensorType[] {
  const { dtype, shape } = inputs[0]!;
  axes.forEach((axis, index) => {
    const previous = index === 0 ? -1 : axes[index - 1]!;
    assert(
      axis > previous && axis < shape.length,
      `axes ${printShape(axes)} of ${printShape(shape)} must rise`,
    );
  });
  return [{ dtype, shape: reducedShape(shape, axes, keepDims) }];
}

export const movementInference = {
  Reshape: takes(1, ([input], { shape }) => {
    const { dtype, shape: from } = input!;
    assert(
      elementCount(from) === elementCount(shape),
      `reshape of ${printShape(from)} to ${printShape(shape)}`,
    );
    return [{ dtype, shape }];
  }),
  Transpose: takes(1, ([input], { permutation }) => {
    const { dtype, shape } = input!;
    const sorted = [...permutation].sort((a, b) => a - b);
    const legal = sorted.length === shape.length && sorted.every((axis, index) => axis === index);
    assert(legal, `permutation ${printShape(permutation)} of ${printShape(shape)}`);
    return [{ dtype, shape: permutation.map((axis) => shape[axis]!) }];
  }),
  Expand: takes(1, ([input], { shape }) => {
    const { dtype, shape: from } = input!;
    assert(canExpand(from, shape), `${printShape(from)} does not expand to ${printShape(shape)}`);
    return [{ dtype, shape }];
  }),
  Slice: takes(1, ([input], { starts, ends, steps }) => {
    const { dtype, shape } = input!;
    const legal = [starts, ends, steps].every((list) => list.length === shape.length);
    assert(legal, `a slice of ${printShape(shape)} wants one start, end and step per axis`);
    return [
      {
        dtype,
        shape: shape.map((extent, axis) => sliceExtent(extent, starts[axis]!, ends[axis]!, steps[axis]!)),
      },
    ];
  }),
  Pad: takes(1, ([input], { before, after }) => {
    const { dtype, shape } = input!;
    const legal = before.length === shape.length && after.length === shape.length;
    assert(legal && [...before, ...after].every((width) => width >= 0), `padding of ${printShape(shape)}`);
    return [{ dtype, shape: shape.map((extent, axis) => before[axis]! + extent + after[axis]!) }];
  }),
  Concat: takes(
    1,
    (inputs, { axis }) => {
      const first = inputs[0]!;
      assert(axis >= 0 && axis < first.shape.length, `axis ${axis} of ${printShape(first.shape)}`);
      let total = 0;
      for (const { dtype, shape } of inputs) {
        const fits = dtype === first.dtype && sameShape(shape.with(axis, 0), first.shape.with(axis, 0));
        assert(fits, `concatenating ${printShape(first.shape)} and ${printShape(shape)} along ${axis}`);
        total += shape[axis]!;
      }
      return [{ dtype: first.dtype, shape: first.shape.with(axis, total) }];
    },
    Infinity,
  ),
  Gather: takes(2, ([data, indices], { axis }) => {
    expectIndices(indices);
    return [{ dtype: data!.dtype, shape: gatheredShape(data!.shape, indices!.shape, axis) }];
  }),
  ScatterAdd: takes(2, ([values, indices], { axis, shape }) => {
    expectIndices(indices);
    const expected = gatheredShape(shape, indices!.shape, axis);
    assert(
      sameShape(values!.shape, expected),
      `scattering ${printShape(values!.shape)}, expected ${printShape(expected)}`,
    );
    return [{ dtype: values!.dtype, shape }];
  }),
  GatherElements: takes(2, ([data, indices], { axis }) => {
    expectIndices(indices);
    expectElementIndices(data!.shape, indices!.shape, axis);
    return [{ dtype: data!.dtype, shape: indices!.shape }];
  }),
  ScatterElementsAdd: takes(2, ([values, indices], { axis, shape }) => {
    expectIndices(indices);
    expectElementIndices(shape, indices!.shape, axis);
    assert(
      sameShape(values!.shape, indices!.shape),
      `scattering ${printShape(values!.shape)} at indices ${printShape(indices!.shape)}`,
    );
    return [{ dtype: values!.dtype, shape }];
  }),
  TopK: takes(1, ([input], { count }) => {
    const { shape } = input!;
    const length = shape.at(-1) ?? 0;
    assert(count >= 1 && count <= length, `the ${count} largest of the last axis of ${printShape(shape)}`);
    return [{ dtype: 'int64', shape: [...shape.slice(0, -1), count] }];
  }),
  ArgMax: takes(1, ([input], { axis, keepDims }) => {
    const { shape } = input!;
    assert(axis >= 0 && axis < shape.length, `axis ${axis} of ${printShape(shape)}`);
    return [{ dtype: 'int64', shape: reducedShape(shape, [axis], keepDims) }];
  }),
  ReduceSum: takes(1, reduce),
  ReduceMean: takes(1, reduce),
  ReduceMax: takes(1, reduce),
  ReduceMin: takes(1, reduce),
} satisfies Partial<InferenceRules>;
