/**
 * @file Max-pooling by 2 × 2 with a gradient, as maxima of halves: columns first, then rows, each a pass over whole arrays. The larger
 * of two is told by the sign of their difference, and a tie goes to the first, so that the element chosen is the first of the largest
 * in the window, as by MaxPool's indices, which take ONNX Runtime half as long again to find.
 */
import type { PoolGeometry } from '../../graph/op-attributes.ts';
import { floatAttribute, intAttribute } from '../../onnx/model.ts';
import { elementCount, type Shape, type TensorType } from '../../tensor/tensor.ts';
import type { OnnxEmitter } from './emitter.ts';

/** Windows of 2 × 2 that cover the image [N, C, H, W] without overlap. */
export function poolsPairs({ kernel, strides, dilations, pads }: PoolGeometry, image: TensorType): boolean {
  return (
    image.dtype === 'float32' &&
    [...kernel, ...strides].every((extent) => extent === 2) &&
    dilations.every((dilation) => dilation === 1) &&
    pads.every((width) => width === 0) &&
    image.shape.slice(2).every((extent) => extent % 2 === 0)
  );
}

interface Pairs {
  /** Columns 0, 2, 4 … and 1, 3, 5 … of the image. */
  readonly even: string;
  readonly odd: string;
  /** [N·C·H/2, 1, W/2]: the larger of each two columns, in rows 0, 2, 4 … and 1, 3, 5 …. */
  readonly top: string;
  readonly bottom: string;
  /** The shape of these two. */
  readonly rows: readonly [number, number, number];
}

function pairsOf(emitter: OnnxEmitter, x: string, shape: Shape): Pairs {
  const count = elementCount(shape);
  const width = shape[3]! / 2;
  const rowPairs = count / (4 * width);
  const sides = emitter.transpose(emitter.reshape(x, [count / 2, 2]), [1, 0]);
  const [even, odd] = halves(emitter, sides, 0);
  const wide = emitter.reshape(emitter.emit('Max', [even, odd]), [rowPairs, 2, width]);
  const [top, bottom] = halves(emitter, wide, 1);
  return { even, odd, top, bottom, rows: [rowPairs, 1, width] };
}

/** Equal requests give the nodes that are there. */
export function pooledPairs(emitter: OnnxEmitter, x: string, shape: Shape): string {
  const { top, bottom } = pairsOf(emitter, x, shape);
  const [samples, channels, height, width] = shape as [number, number, number, number];
  return emitter.reshape(emitter.emit('Max', [top, bottom]), [samples, channels, height / 2, width / 2]);
}

/** dx of `pooledPairs`. */
export function pooledPairsGradient(emitter: OnnxEmitter, x: string, shape: Shape, dy: string): string {
  const { even, odd, top, bottom, rows } = pairsOf(emitter, x, shape);
  const byRow = share(emitter, emitter.reshape(dy, rows), top, bottom);
  const wide = emitter.reshape(join(emitter, byRow, 1), [1, elementCount(shape) / 2]);
  const byColumn = share(emitter, wide, even, odd);
  return emitter.reshape(emitter.transpose(join(emitter, byColumn, 0), [1, 0]), shape);
}

/** All of dy to the larger one, to the first where they are equal; both masks are exactly 0 or 1, as in ReluMask. */
function share(emitter: OnnxEmitter, dy: string, first: string, second: string): readonly [string, string] {
  const isSecond = emitter.emit('HardSigmoid', [emitter.emit('Sub', [second, first])], {
    alpha: floatAttribute(3e38),
    beta: floatAttribute(0),
  });
  const toSecond = emitter.emit('Mul', [dy, isSecond]);
  return [emitter.emit('Sub', [dy, toSecond]), toSecond];
}

function halves(emitter: OnnxEmitter, whole: string, axis: number): readonly [string, string] {
  const attributes = { axis: intAttribute(axis), num_outputs: intAttribute(2) };
  return emitter.emitAll('Split', [whole], attributes, 2) as [string, string];
}

function join(emitter: OnnxEmitter, parts: readonly string[], axis: number): string {
  return emitter.emit('Concat', parts, { axis: intAttribute(axis) });
}
