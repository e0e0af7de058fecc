/** @file Graph building: constants, and the recognition of what folds away. */
import { assert } from '../../base/assert.ts';
import { shapeOf, type Graph, type GraphNode, type Value } from '../../graph/graph.ts';
import type { OpName } from '../../graph/op-attributes.ts';
import { broadcastShapes } from '../../tensor/shape.ts';
import { makeTensor, sameShape, tensorOf, type DType, type Shape } from '../../tensor/tensor.ts';

/** A number stands for a scalar of the other operand's type. */
export type Operand = Value | number;

export function scalar(graph: Graph, number: number, dtype: DType = 'float32'): Value {
  return graph.constant(tensorOf(dtype, [], [number]));
}

/** A float32 constant unless another type is asked for. */
export function constant(
  graph: Graph,
  shape: Shape,
  numbers: ArrayLike<number>,
  dtype: DType = 'float32',
): Value {
  return graph.constant(tensorOf(dtype, shape, numbers));
}

export function int64Constant(
  graph: Graph,
  numbers: readonly number[],
  shape: Shape = [numbers.length],
): Value {
  return graph.constant(makeTensor('int64', shape, BigInt64Array.from(numbers, BigInt)));
}

/** The number of a one-element constant without a name, or null. */
export function constantNumber(value: Value): number | null {
  if (value.source.kind !== 'constant' || value.source.name !== null) return null;
  const { tensor } = value.source;
  return tensor.data.length === 1 && tensor.dtype !== 'float16' ? Number(tensor.data[0]) : null;
}

/** Whether `value` is known, has no name, and is `number` throughout. */
export function isFilledWith({ source, type }: Value, number: number): boolean {
  if (source.kind !== 'constant' || source.name !== null || type.dtype === 'float16') return false;
  return source.tensor.data.every((element: number | bigint) => Number(element) === number);
}

/** Whether `value` is `number` throughout and combining it with `other` leaves other's shape. */
export function isNeutral(value: Value, number: number, other: Value): boolean {
  return (
    isFilledWith(value, number) && sameShape(broadcastShapes(shapeOf(value), shapeOf(other)), shapeOf(other))
  );
}

export function operands(graph: Graph, a: Operand, b: Operand): [Value, Value] {
  if (typeof a !== 'number') return [a, typeof b === 'number' ? scalar(graph, b, a.type.dtype) : b];
  assert(typeof b !== 'number', 'one operand must be a value of the graph');
  return [scalar(graph, a, b.type.dtype), b];
}

/** The node that made `value`, if it is an `op`. */
export function sourceOf(value: Value, op: OpName): GraphNode | null {
  return value.source.kind === 'node' && value.source.node.op === op ? value.source.node : null;
}
