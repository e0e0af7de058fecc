/** @file Graph building: matrix multiplication, convolution, pooling and the other macro operators. */
import { shapeOf, type Graph, type Value } from '../../graph/graph.ts';
import type { ConvGeometry, PoolGeometry } from '../../graph/op-attributes.ts';
import { normalizeAxis } from '../../tensor/shape.ts';
import type { Shape } from '../../tensor/tensor.ts';
import { apply, applyAll } from '../apply.ts';
import { reshape, transpose } from './movement.ts';

export interface MatMulOptions {
  readonly transposeA?: boolean;
  readonly transposeB?: boolean;
}

/**
 * Matrix product over the last two axes; the axes before them broadcast. Many matrices times one are multiplied as one tall matrix,
 * so that the gradient of the one is a single product too, not a batch of them to be summed.
 */
export function matMul(graph: Graph, a: Value, b: Value, options: MatMulOptions = {}): Value {
  const { transposeA = false, transposeB = false } = options;
  const shape = shapeOf(a);
  if (shape.length <= 2 || shapeOf(b).length !== 2 || transposeA) {
    return apply(graph, 'MatMul', [a, b], { transposeA, transposeB });
  }
  const tall = reshape(graph, a, [-1, shape.at(-1)!]);
  const product = apply(graph, 'MatMul', [tall, b], { transposeA, transposeB });
  return reshape(graph, product, [...shape.slice(0, -1), shapeOf(product)[1]!]);
}

/** Shorthand for the geometry of a window: a number or a pair, and padding of each border. */
interface WindowOptions {
  readonly stride?: number | readonly [number, number];
  readonly dilation?: number | readonly [number, number];
  /** One width for all borders, or [top, left, bottom, right]. */
  readonly pads?: number | readonly [number, number, number, number];
}

function pair(given: number | readonly [number, number]): readonly [number, number] {
  return typeof given === 'number' ? [given, given] : given;
}

function windowOf({ stride = 1, dilation = 1, pads = 0 }: WindowOptions) {
  return {
    strides: pair(stride),
    dilations: pair(dilation),
    pads: typeof pads === 'number' ? ([pads, pads, pads, pads] as const) : pads,
  };
}

export interface ConvOptions extends WindowOptions {
  readonly group?: number;
  /** [O] */
  readonly bias?: Value | null;
}

export function convGeometry(options: ConvOptions = {}): ConvGeometry {
  return { ...windowOf(options), group: options.group ?? 1 };
}

/** x: [N, C, H, W], w: [O, C/group, kh, kw] → [N, O, H', W']. */
export function conv(graph: Graph, x: Value, w: Value, options: ConvOptions = {}): Value {
  const { bias } = options;
  const inputs = bias === undefined || bias === null ? [x, w] : [x, w, bias];
  return apply(graph, 'Conv', inputs, convGeometry(options));
}

/** dx of a convolution whose output has the cotangent `dy`. */
export function convInputGradient(
  graph: Graph,
  dy: Value,
  w: Value,
  geometry: ConvGeometry,
  inputShape: Shape,
): Value {
  return apply(graph, 'ConvInputGradient', [dy, w], { ...plainConv(geometry), inputShape });
}

/** dw of a convolution whose output has the cotangent `dy`, summed over the batch. */
export function convWeightGradient(
  graph: Graph,
  x: Value,
  dy: Value,
  geometry: ConvGeometry,
  weightShape: Shape,
): Value {
  return apply(graph, 'ConvWeightGradient', [x, dy], { ...plainConv(geometry), weightShape });
}

/** The same per sample: [N, ...weightShape]. */
export function convPerSampleWeightGradient(
  graph: Graph,
  x: Value,
  dy: Value,
  geometry: ConvGeometry,
  weightShape: Shape,
): Value {
  return apply(graph, 'ConvPerSampleWeightGradient', [x, dy], { ...plainConv(geometry), weightShape });
}

/** The geometry alone, in one order: equal geometries must print alike to be shared. */
export function plainConv({ strides, dilations, pads, group }: ConvGeometry): ConvGeometry {
  return { strides, dilations, pads, group };
}

export interface PoolOptions extends WindowOptions {
  readonly ceil?: boolean;
  /** AveragePool: whether padding counts in the divisor. */
  readonly countPadding?: boolean;
}

/** The stride is the kernel unless given. */
function poolGeometry(kernel: number | readonly [number, number], options: PoolOptions = {}): PoolGeometry {
  const { stride = kernel, ceil = false } = options;
  return { kernel: pair(kernel), ...windowOf({ ...options, stride }), ceil };
}

export function maxPool(
  graph: Graph,
  x: Value,
  kernel: number | readonly [number, number],
  options: PoolOptions = {},
): Value {
  return apply(graph, 'MaxPool', [x], poolGeometry(kernel, options));
}

export function averagePool(
  graph: Graph,
  x: Value,
  kernel: number | readonly [number, number],
  options: PoolOptions = {},
): Value {
  const { countPadding = false } = options;
  return apply(graph, 'AveragePool', [x], { ...poolGeometry(kernel, options), countPadding });
}

export interface AverageGeometry extends PoolGeometry {
  readonly countPadding: boolean;
}

/** dx, of `inputShape`, of an average pool whose output has the cotangent `dy`. */
export function averagePoolInputGradient(
  graph: Graph,
  dy: Value,
  geometry: AverageGeometry,
  inputShape: Shape,
): Value {
  return apply(graph, 'AveragePoolInputGradient', [dy], { ...plainAverage(geometry), inputShape });
}

/** The geometry alone, in one order, as `plainConv`. */
export function plainAverage(geometry: AverageGeometry): AverageGeometry {
  const { kernel, strides, dilations, pads, ceil, countPadding } = geometry;
  return { kernel, strides, dilations, pads, ceil, countPadding };
}

/** Values of `x` at flat int64 positions, shaped like the positions. */
export function flatGather(graph: Graph, x: Value, indices: Value): Value {
  return apply(graph, 'FlatGather', [x, indices], {});
}

/** Zeros of `shape` with `values` added at flat positions. */
export function flatScatterAdd(graph: Graph, values: Value, indices: Value, shape: Shape): Value {
  return apply(graph, 'FlatScatterAdd', [values, indices], { shape });
}

/** Over the last axis: x̂ of mean 0 and variance 1, and the factor 1/√(variance + epsilon). */
export function standardize(graph: Graph, x: Value, epsilon: number): { standardized: Value; factor: Value } {
  const [standardized, factor] = applyAll(graph, 'Standardize', [x], { epsilon });
  return { standardized: standardized!, factor: factor! };
}

export function softmax(graph: Graph, x: Value, axis = -1): Value {
  return alongAxis(graph, x, axis, (value) => apply(graph, 'Softmax', [value], {}));
}

export function logSoftmax(graph: Graph, x: Value, axis = -1): Value {
  return alongAxis(graph, x, axis, (value) => apply(graph, 'LogSoftmax', [value], {}));
}

/** Brings `axis` to the end, works there, and brings it back. */
function alongAxis(graph: Graph, x: Value, axis: number, work: (value: Value) => Value): Value {
  const rank = shapeOf(x).length;
  const normal = normalizeAxis(axis, rank);
  // Swapping two axes is its own inverse.
  const swap = Array.from({ length: rank }, (_, index) =>
    index === normal ? rank - 1 : index === rank - 1 ? normal : index,
  );
  return transpose(graph, work(transpose(graph, x, swap)), swap);
}

/** [N, C, H, W] → [N, C, H·scale, W·scale], each value repeated. */
export function upsampleNearest(graph: Graph, x: Value, scale: number): Value {
  return apply(graph, 'UpsampleNearest', [x], { scale });
}

/** [N, C, H·scale, W·scale] → [N, C, H, W], each block summed. */
export function downsampleSum(graph: Graph, x: Value, scale: number): Value {
  return apply(graph, 'DownsampleSum', [x], { scale });
}
