/** @file What the reference interpreter computes with: every element type as doubles, read and filled by index. */
import type { OpAttributes, OpName } from '../../graph/op-attributes.ts';
import { elementCount, type Shape } from '../../tensor/tensor.ts';

export interface NumberArray {
  readonly shape: Shape;
  readonly data: Float64Array;
}

export type Index = readonly number[];

/** The slow reference semantics of an operator: plain loops, independent of the inference and gradient rules. */
export type EvaluationRule<Op extends OpName> = (
  inputs: readonly NumberArray[],
  attributes: OpAttributes[Op],
) => readonly NumberArray[];
export type EvaluationRules = { readonly [Op in OpName]: EvaluationRule<Op> };

/** Every index of `shape`, in row-major order. */
export function* indicesOf(shape: Shape): Generator<number[]> {
  const count = elementCount(shape);
  const index = shape.map(() => 0);
  for (let flat = 0; flat < count; flat++) {
    yield index;
    for (let axis = shape.length - 1; axis >= 0; axis--) {
      index[axis]!++;
      if (index[axis]! < shape[axis]!) break;
      index[axis] = 0;
    }
  }
}

export function flatIndex(shape: Shape, index: Index): number {
  let flat = 0;
  for (let axis = 0; axis < shape.length; axis++) flat = flat * shape[axis]! + index[axis]!;
  return flat;
}

export function fill(shape: Shape, element: (index: Index) => number): NumberArray {
  const data = new Float64Array(elementCount(shape));
  let flat = 0;
  for (const index of indicesOf(shape)) data[flat++] = element(index);
  return { shape, data };
}

export function zeros(shape: Shape): NumberArray {
  return { shape, data: new Float64Array(elementCount(shape)) };
}

export function at(array: NumberArray, index: Index): number {
  return array.data[flatIndex(array.shape, index)]!;
}

/** The element at `index` of a larger shape that `array` broadcasts to. */
export function broadcastAt(array: NumberArray, index: Index): number {
  const { shape, data } = array;
  const offset = index.length - shape.length;
  let flat = 0;
  for (let axis = 0; axis < shape.length; axis++) {
    flat = flat * shape[axis]! + (shape[axis] === 1 ? 0 : index[axis + offset]!);
  }
  return data[flat]!;
}

/** Adds in place. */
export function addAt(array: NumberArray, index: Index, amount: number): void {
  array.data[flatIndex(array.shape, index)]! += amount;
}
