/** @file Graph building: reductions. */
import { shapeOf, type Graph, type Value } from '../../graph/graph.ts';
import { broadcastAxes, normalizeAxes, normalizeAxis } from '../../tensor/shape.ts';
import { sameShape, type Shape } from '../../tensor/tensor.ts';
import { apply } from '../apply.ts';
import { reshape } from './movement.ts';

interface ReduceOptions {
  /** All axes where none are named. */
  readonly axes?: readonly number[];
  readonly keepDims?: boolean;
}
type Reduce = (graph: Graph, x: Value, options?: ReduceOptions) => Value;

const reduction =
  (op: 'ReduceSum' | 'ReduceMean' | 'ReduceMax' | 'ReduceMin'): Reduce =>
  (graph, x, { axes, keepDims = false } = {}) => {
    const normal = normalizeAxes(axes, shapeOf(x).length);
    return normal.length === 0 ? x : apply(graph, op, [x], { axes: normal, keepDims });
  };

export const sum: Reduce = reduction('ReduceSum');
export const mean: Reduce = reduction('ReduceMean');
export const max: Reduce = reduction('ReduceMax');
export const min: Reduce = reduction('ReduceMin');

/** Int64 position of the first maximum along `axis`. */
export function argMax(graph: Graph, x: Value, axis: number, keepDims = false): Value {
  return apply(graph, 'ArgMax', [x], { axis: normalizeAxis(axis, shapeOf(x).length), keepDims });
}

/** Int64 positions of the `count` largest elements along the last axis, largest first; of the smallest where `largest` is false. */
export function topK(graph: Graph, x: Value, count: number, largest = true): Value {
  return apply(graph, 'TopK', [x], { count, largest });
}

/** The adjoint of broadcasting: sums over the axes that a broadcast from `shape` to x's shape runs along. */
export function sumToShape(graph: Graph, x: Value, shape: Shape): Value {
  if (sameShape(shapeOf(x), shape)) return x;
  return reshape(graph, sum(graph, x, { axes: broadcastAxes(shape, shapeOf(x)) }), shape);
}
