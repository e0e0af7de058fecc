/** @file Graph building: operators that move elements about. */
import { present } from '../../base/assert.ts';
import { shapeOf, type Graph, type Value } from '../../graph/graph.ts';
import type { OpAttributes } from '../../graph/op-attributes.ts';
import { normalizeAxis } from '../../tensor/shape.ts';
import { elementCount, sameShape, type Shape } from '../../tensor/tensor.ts';
import { apply } from '../apply.ts';
import { scalar, sourceOf } from './constants.ts';

/** One extent may be −1: it is what remains. */
export function reshape(graph: Graph, x: Value, shape: Shape): Value {
  const open = shape.indexOf(-1);
  const known = elementCount(shape.filter((extent) => extent !== -1));
  const whole = open < 0 ? shape : shape.with(open, elementCount(shapeOf(x)) / known);
  const origin = sourceOf(x, 'Reshape')?.inputs[0] ?? x;
  if (sameShape(shapeOf(origin), whole)) return origin;
  const { source } = origin;
  const isFixed =
    source.kind === 'constant' && source.name === null && elementCount(whole) === source.tensor.data.length;
  return isFixed
    ? graph.constant({ ...source.tensor, shape: whole })
    : apply(graph, 'Reshape', [origin], { shape: whole });
}

/** [N, …] → [N, rest]. */
export function flatten(graph: Graph, x: Value): Value {
  return reshape(graph, x, [present(shapeOf(x)[0], 'a batch axis'), -1]);
}

export function transpose(graph: Graph, x: Value, permutation: readonly number[]): Value {
  const earlier = sourceOf(x, 'Transpose');
  const first = earlier === null ? null : (earlier.attributes as OpAttributes['Transpose']).permutation;
  const origin = earlier?.inputs[0] ?? x;
  const total =
    first === null ? permutation : permutation.map((axis) => present(first[axis], `axis ${axis}`));
  const idle = total.length === shapeOf(origin).length && total.every((axis, index) => axis === index);
  return idle ? origin : apply(graph, 'Transpose', [origin], { permutation: total });
}

/** Swaps the last two axes. */
export function transposeLast(graph: Graph, x: Value): Value {
  const rank = shapeOf(x).length;
  const axes = Array.from({ length: rank }, (_, axis) => axis);
  return transpose(graph, x, [...axes.slice(0, rank - 2), rank - 1, rank - 2]);
}

/** Broadcasts to exactly `shape`. */
export function expand(graph: Graph, x: Value, shape: Shape): Value {
  if (sameShape(shapeOf(x), shape)) return x;
  const origin = sourceOf(x, 'Expand')?.inputs[0] ?? x;
  return apply(graph, 'Expand', [origin], { shape });
}

/** One axis of a slice, as in Python: negative positions count from the end; a missing end runs to the border. */
export interface SliceRange {
  readonly axis: number;
  readonly start?: number;
  readonly end?: number;
  readonly step?: number;
}

export function slice(graph: Graph, x: Value, ranges: readonly SliceRange[]): Value {
  const shape = shapeOf(x);
  const [starts, ends, steps] = [shape.map(() => 0), [...shape], shape.map(() => 1)];
  for (const range of ranges) {
    const axis = normalizeAxis(range.axis, shape.length);
    const normal = normalizeRange(range, shape[axis]!);
    [starts[axis], ends[axis], steps[axis]] = normal;
  }
  const idle = steps.every((step, axis) => step === 1 && starts[axis] === 0 && ends[axis] === shape[axis]);
  return idle ? x : apply(graph, 'Slice', [x], { starts, ends, steps });
}

/** Start, end and step within [0, extent], or down to −1 where the step is negative. */
function normalizeRange({ start, end, step = 1 }: SliceRange, extent: number): [number, number, number] {
  const low = step > 0 ? 0 : -1;
  const high = step > 0 ? extent : extent - 1;
  const clamp = (position: number) =>
    Math.min(high, Math.max(low, position < 0 ? position + extent : position));
  const first = start === undefined ? (step > 0 ? low : high) : clamp(start);
  const last = end === undefined ? (step > 0 ? high : low) : clamp(end);
  return [first, step > 0 ? Math.max(first, last) : Math.min(first, last), step];
}

/** Reverses the given axes. */
export function flip(graph: Graph, x: Value, axes: readonly number[]): Value {
  return slice(
    graph,
    x,
    axes.map((axis) => ({ axis, step: -1 })),
  );
}

/** Adds `before` and `after` elements of `value` on each axis. */
export function pad(
  graph: Graph,
  x: Value,
  before: readonly number[],
  after: readonly number[],
  value = 0,
): Value {
  const idle = before.every((width) => width === 0) && after.every((width) => width === 0);
  return idle ? x : apply(graph, 'Pad', [x], { before, after, value });
}

export function concat(graph: Graph, values: readonly Value[], axis: number): Value {
  const first = present(values[0], 'something to concatenate');
  const rank = shapeOf(first).length;
  return values.length === 1 ? first : apply(graph, 'Concat', values, { axis: normalizeAxis(axis, rank) });
}

/** Rows of `x` along `axis`, at int64 indices. */
export function gather(graph: Graph, x: Value, indices: Value, axis = 0): Value {
  return apply(graph, 'Gather', [x, indices], { axis: normalizeAxis(axis, shapeOf(x).length) });
}

/** Zeros of `shape`, with `values` added at the int64 indices along `axis`: the adjoint of `gather`. */
export function scatterAdd(graph: Graph, values: Value, indices: Value, shape: Shape, axis = 0): Value {
  return apply(graph, 'ScatterAdd', [values, indices], { axis: normalizeAxis(axis, shape.length), shape });
}

/** y[…, i, …] = x[…, indices[…, i, …], …]: an index for every element, along `axis`. */
export function gatherElements(graph: Graph, x: Value, indices: Value, axis: number): Value {
  return apply(graph, 'GatherElements', [x, indices], { axis: normalizeAxis(axis, shapeOf(x).length) });
}

/** Zeros of `shape`, with `values` added at their indices along `axis`: the adjoint of `gatherElements`. */
export function scatterElementsAdd(
  graph: Graph,
  values: Value,
  indices: Value,
  shape: Shape,
  axis: number,
): Value {
  const normal = normalizeAxis(axis, shape.length);
  return apply(graph, 'ScatterElementsAdd', [values, indices], { axis: normal, shape });
}

/** `number` everywhere, in the type and shape of `like`. */
function fillLike(graph: Graph, like: Value, number: number): Value {
  return expand(graph, scalar(graph, number, like.type.dtype), shapeOf(like));
}

export function zerosLike(graph: Graph, like: Value): Value {
  return fillLike(graph, like, 0);
}

export function onesLike(graph: Graph, like: Value): Value {
  return fillLike(graph, like, 1);
}
