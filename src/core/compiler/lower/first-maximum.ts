/**
 * @file Max-pooling for providers whose MaxPool gives no positions. A mask marks in every window the first of its largest elements,
 * the one that PyTorch and ONNX Runtime choose, and gradients go through it. (A mask of all largest elements would give the whole
 * gradient to each of them, wherever an image is flat.)
 */
import type { GraphNode } from '../../graph/graph.ts';
import type { PoolGeometry } from '../../graph/op-attributes.ts';
import { intAttribute } from '../../onnx/model.ts';
import { elementTypeCodes } from '../../onnx/schema.ts';
import { elementCount, type Shape } from '../../tensor/tensor.ts';
import type { OnnxEmitter } from './emitter.ts';
import { movementLowerings } from './movement.ts';
import { maxPoolBehind, poolAttributes } from './pooling.ts';
import type { Lowering, Lowerings } from './rule.ts';
import { windowView, type WindowView } from './window-view.ts';

/** Below every number that a network computes, yet finite: what padding counts as. */
const LOWEST = -3.4e38;

interface Pooling {
  readonly emitter: OnnxEmitter;
  readonly geometry: PoolGeometry;
  readonly xShape: Shape;
  readonly yShape: Shape;
  readonly view: WindowView;
  /** Like the view: 1 at the first largest element of each window, else 0. */
  readonly mask: string;
}

const maxPool: Lowering<'MaxPool'> = ({ emitter, node, inputs, attributes }) => {
  const y = emitter.emit('MaxPool', inputs, poolAttributes(attributes));
  return [y, positions(poolingOf(emitter, node, inputs[0]!, y))];
};

/** Where the indices are positions of maxima they need not be formed: the mask says the same. */
const flatScatterAdd: Lowering<'FlatScatterAdd'> = (site) => {
  const { emitter, node, nameOf, inputs, attributes } = site;
  const pool = maxPoolBehind(node.inputs[1]!, attributes.shape);
  if (pool === null) return movementLowerings.FlatScatterAdd(site);
  const { view, mask } = poolingOf(emitter, pool, nameOf(pool.inputs[0]!), nameOf(pool.outputs[0]!));
  return [view.scatter(emitter.emit('Mul', [emitter.reshape(inputs[0]!, view.perWindow), mask]))];
};

const flatGather: Lowering<'FlatGather'> = (site) => {
  const { emitter, node, nameOf, inputs } = site;
  const pool = maxPoolBehind(node.inputs[1]!, node.inputs[0]!.type.shape);
  if (pool === null) return movementLowerings.FlatGather(site);
  const pooling = poolingOf(emitter, pool, nameOf(pool.inputs[0]!), nameOf(pool.outputs[0]!));
  return [emitter.reshape(sumOfTaps(pooling, pooling.view.gather(inputs[0]!, 0)), pooling.yShape)];
};

function poolingOf(emitter: OnnxEmitter, node: GraphNode, x: string, y: string): Pooling {
  const geometry = node.attributes as PoolGeometry;
  const [xShape, yShape] = [node.inputs[0]!.type.shape, node.outputs[0]!.type.shape];
  const view = windowView(emitter, geometry, xShape, yShape);
  return { emitter, geometry, xShape, yShape, view, mask: firstMaxima(emitter, view, x, y) };
}

/** Equal elements compete by their place in the window. */
function firstMaxima(emitter: OnnxEmitter, view: WindowView, x: string, y: string): string {
  const toFloat = { to: intAttribute(elementTypeCodes.float32) };
  const largest = emitter.emit('Equal', [view.gather(x, LOWEST), emitter.reshape(y, view.perWindow)]);
  const taps = elementCount(view.perTap);
  const ranks = emitter.shared(`ranks:${view.perTap.join()}`, () => ({
    dtype: 'float32',
    shape: view.perTap,
    data: Float32Array.from({ length: taps }, (_, tap) => taps - tap),
  }));
  const ranked = emitter.emit('Mul', [emitter.emit('Cast', [largest], toFloat), ranks]);
  const highest = emitter.emit('ReduceMax', [ranked, emitter.int64s(view.tapAxes)], {
    keepdims: intAttribute(1),
  });
  return emitter.emit('Cast', [emitter.emit('Equal', [ranked, highest])], toFloat);
}

function sumOfTaps({ emitter, view, mask }: Pooling, values: string): string {
  const marked = emitter.emit('Mul', [values, mask]);
  return emitter.emit('ReduceSum', [marked, emitter.int64s(view.tapAxes)], { keepdims: intAttribute(0) });
}

/** Flat positions in x, int64 [N, C, H', W']: within a plane as float32, exact up to 2²⁴ pixels, plus where the plane starts. */
function positions(pooling: Pooling): string {
  const { emitter, geometry, xShape, yShape } = pooling;
  const [planes, pixels] = [xShape[0]! * xShape[1]!, xShape[2]! * xShape[3]!];
  const places = emitter.shared(`places:${xShape.slice(2).join()}`, () => ({
    dtype: 'float32',
    shape: [1, 1, xShape[2]!, xShape[3]!],
    data: Float32Array.from({ length: pixels }, (_, pixel) => pixel),
  }));
  const onePlane = windowView(emitter, geometry, [1, 1, ...xShape.slice(2)], [1, 1, ...yShape.slice(2)]);
  const inPlane = emitter.emit('Cast', [sumOfTaps(pooling, onePlane.gather(places, 0))], {
    to: intAttribute(elementTypeCodes.int64),
  });
  const starts = emitter.shared(`starts:${planes},${pixels}`, () => ({
    dtype: 'int64',
    shape: [planes, 1],
    data: BigInt64Array.from({ length: planes }, (_, plane) => BigInt(plane * pixels)),
  }));
  const windows = yShape[2]! * yShape[3]!;
  return emitter.reshape(emitter.emit('Add', [emitter.reshape(inPlane, [planes, windows]), starts]), yShape);
}

export const firstMaximumLowerings = {
  MaxPool: maxPool,
  FlatScatterAdd: flatScatterAdd,
  FlatGather: flatGather,
} satisfies Partial<Lowerings>;
