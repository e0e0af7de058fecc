/** @file Graph building: compositions of operators that models use as one. */
import { assert } from '../../base/assert.ts';
import { shapeOf, type Graph, type Value } from '../../graph/graph.ts';
import { add, div, erf, mul, sigmoid, sqrt, sub } from './elementwise.ts';
import { reshape } from './movement.ts';
import { mean } from './reduction.ts';
import { standardize } from './macro.ts';

/** x·Φ(x), exact: ½x(1 + erf(x/√2)). */
export function gelu(graph: Graph, x: Value): Value {
  const cumulative = mul(graph, add(graph, erf(graph, mul(graph, x, Math.SQRT1_2)), 1), 0.5);
  return mul(graph, x, cumulative);
}

/** x·sigmoid(x). */
export function silu(graph: Graph, x: Value): Value {
  return mul(graph, x, sigmoid(graph, x));
}

/** [N, C, H, W] → [N, C, 1, 1]. */
export function globalAveragePool(graph: Graph, x: Value): Value {
  return mean(graph, x, { axes: [2, 3], keepDims: true });
}

/** A [C] vector shaped to stand along axis 1 of an array of `rank` axes. */
export function alongChannels(graph: Graph, vector: Value, rank: number): Value {
  return reshape(graph, vector, [1, -1, ...Array.from({ length: rank - 2 }, () => 1)]);
}

/** Standardises the last axis, then scales and shifts it by [L] vectors. */
export function layerNorm(graph: Graph, x: Value, scale: Value, shift: Value, epsilon = 1e-5): Value {
  return add(graph, mul(graph, standardize(graph, x, epsilon).standardized, scale), shift);
}

/** Standardises each group of channels of [N, C, …] together, then scales and shifts by [C] vectors. */
export function groupNorm(
  graph: Graph,
  x: Value,
  scale: Value,
  shift: Value,
  groupCount: number,
  epsilon = 1e-5,
): Value {
  const shape = shapeOf(x);
  assert(shape[1]! % groupCount === 0, `${shape[1]!} channels do not split into ${groupCount} groups`);
  const grouped = reshape(graph, x, [shape[0]!, groupCount, -1]);
  const standardized = reshape(graph, standardize(graph, grouped, epsilon).standardized, shape);
  const scaled = mul(graph, standardized, alongChannels(graph, scale, shape.length));
  return add(graph, scaled, alongChannels(graph, shift, shape.length));
}

export interface BatchStatistics {
  /** [C] */
  readonly mean: Value;
  /** [C] */
  readonly variance: Value;
}

/** Batch normalisation of [N, C, …] in inference form: by stored statistics. */
export function batchNorm(
  graph: Graph,
  x: Value,
  scale: Value,
  shift: Value,
  statistics: BatchStatistics,
  epsilon = 1e-5,
): Value {
  const rank = shapeOf(x).length;
  const factor = div(graph, scale, sqrt(graph, add(graph, statistics.variance, epsilon)));
  const centred = sub(graph, x, alongChannels(graph, statistics.mean, rank));
  return add(
    graph,
    mul(graph, centred, alongChannels(graph, factor, rank)),
    alongChannels(graph, shift, rank),
  );
}
