/** @file Lowering of pooling and of scaling by whole factors. */
import type { GraphNode, Value } from '../../graph/graph.ts';
import type { PoolGeometry } from '../../graph/op-attributes.ts';
import { intAttribute, intsAttribute, stringAttribute } from '../../onnx/model.ts';
import { effectiveKernel } from '../../ops/geometry.ts';
import { sameShape, type Shape } from '../../tensor/tensor.ts';
import { transposedFit } from './convolution.ts';
import type { Attributes, OnnxEmitter } from './emitter.ts';
import { movementLowerings } from './movement.ts';
import { pooledPairs, pooledPairsGradient, poolsPairs } from './pair-pooling.ts';
import type { Lowering, Lowerings } from './rule.ts';

export function poolAttributes(geometry: PoolGeometry): Attributes {
  return {
    kernel_shape: intsAttribute(geometry.kernel),
    strides: intsAttribute(geometry.strides),
    dilations: intsAttribute(geometry.dilations),
    pads: intsAttribute(geometry.pads),
    ceil_mode: intAttribute(geometry.ceil ? 1 : 0),
  };
}

/** With the indices of the first maxima; they are pruned (and then cost nothing) where nobody reads them. */
const maxPool: Lowering<'MaxPool'> = ({ emitter, node, inputs, attributes, isRead }) => {
  const { type } = node.inputs[0]!;
  const [pooled, indices] = emitter.emitAll('MaxPool', inputs, poolAttributes(attributes), 2);
  const hasGradient = isRead(node.outputs[1]!) && poolsPairs(attributes, type);
  return [hasGradient ? pooledPairs(emitter, inputs[0]!, type.shape) : pooled!, indices!];
};

/**
 * Where windows do not overlap no two maxima are one element: putting back needs no adding, and is many times faster than scattering.
 * MaxUnpool knows no ceil mode.
 */
const flatScatterAdd: Lowering<'FlatScatterAdd'> = (site) => {
  const { emitter, node, inputs, attributes, nameOf } = site;
  const pool = maxPoolBehind(node.inputs[1]!, attributes.shape);
  const geometry = pool?.attributes as PoolGeometry | undefined;
  if (pool !== null && poolsPairs(geometry!, pool.inputs[0]!.type)) {
    return [pooledPairsGradient(emitter, nameOf(pool.inputs[0]!), attributes.shape, inputs[0]!)];
  }
  if (
    geometry === undefined ||
    geometry.ceil ||
    overlap(geometry) ||
    node.inputs[0]!.type.dtype !== 'float32'
  ) {
    return movementLowerings.FlatScatterAdd(site);
  }
  return [
    emitter.emit('MaxUnpool', [...inputs, emitter.int64s(attributes.shape)], {
      kernel_shape: intsAttribute(geometry.kernel),
      strides: intsAttribute(geometry.strides),
      pads: intsAttribute(geometry.pads),
    }),
  ];
};

/** The max-pooling that gave the indices, where they count within a tensor like its input. */
export function maxPoolBehind({ source }: Value, indexed: Shape): GraphNode | null {
  if (source.kind !== 'node' || source.node.op !== 'MaxPool') return null;
  return sameShape(source.node.inputs[0]!.type.shape, indexed) ? source.node : null;
}

function overlap({ kernel, strides, dilations }: PoolGeometry): boolean {
  return kernel.some((extent, axis) => effectiveKernel(extent, dilations[axis]!) > strides[axis]!);
}

const averagePool: Lowering<'AveragePool'> = ({ emitter, inputs, attributes }) => [
  emitter.emit('AveragePool', inputs, {
    ...poolAttributes(attributes),
    count_include_pad: intAttribute(attributes.countPadding ? 1 : 0),
  }),
];

/**
 * dy divided by the number of pixels that each window averaged, then spread: by nearest-neighbour scaling where windows tile the
 * image, else by a depthwise ConvTranspose with a kernel of ones.
 */
const averagePoolInputGradient: Lowering<'AveragePoolInputGradient'> = (site) => {
  const { emitter, node, inputs, attributes } = site;
  const dyShape = node.inputs[0]!.type.shape;
  const { kernel, inputShape } = attributes;
  const shares = emitter.emit('Mul', [inputs[0]!, windowShares(emitter, attributes, dyShape, inputShape)]);
  if (tiles(attributes, dyShape, inputShape)) return [resize(emitter, shares, kernel[0], kernel[1])];
  const channels = inputShape[1]!;
  const fit = transposedFit(attributes, dyShape, inputShape, kernel);
  return [
    emitter.emit('ConvTranspose', [shares, emitter.filled('float32', [channels, 1, ...kernel], 1)], {
      kernel_shape: intsAttribute(kernel),
      strides: intsAttribute(attributes.strides),
      dilations: intsAttribute(attributes.dilations),
      pads: intsAttribute(fit.pads),
      output_padding: intsAttribute(fit.outputPadding),
      group: intAttribute(channels),
    }),
  ];
};

/** The windows touch and cover the image, without padding. */
export function tiles(
  { kernel, strides, dilations, pads }: PoolGeometry,
  dyShape: Shape,
  inputShape: Shape,
): boolean {
  return (
    pads.every((width) => width === 0) &&
    dilations.every((dilation) => dilation === 1) &&
    kernel.every(
      (extent, axis) => extent === strides[axis] && dyShape[axis + 2]! * extent === inputShape[axis + 2],
    )
  );
}

/** 1 / (pixels averaged), [1, 1, H', W']: a scalar in effect, except at borders. */
function windowShares(
  emitter: OnnxEmitter,
  geometry: PoolGeometry & { readonly countPadding: boolean },
  dyShape: Shape,
  inputShape: Shape,
): string {
  const counts = ([0, 1] as const).map((axis) =>
    Array.from({ length: dyShape[axis + 2]! }, (_, window) => tapsInside(geometry, axis, window, inputShape)),
  );
  const shares = counts[0]!.flatMap((vertical) =>
    counts[1]!.map((horizontal) => 1 / (vertical * horizontal)),
  );
  if (shares.every((share) => share === shares[0])) return emitter.filled('float32', [], shares[0]!);
  return emitter.initializer({
    dtype: 'float32',
    shape: [1, 1, dyShape[2]!, dyShape[3]!],
    data: Float32Array.from(shares),
  });
}

/** Taps of one window along one axis that count: those on the image, and those on its padding where padding counts. */
function tapsInside(
  geometry: PoolGeometry & { readonly countPadding: boolean },
  axis: 0 | 1,
  window: number,
  inputShape: Shape,
): number {
  const before = geometry.pads[axis];
  const low = geometry.countPadding ? -before : 0;
  const high = inputShape[axis + 2]! + (geometry.countPadding ? geometry.pads[axis === 0 ? 2 : 3] : 0);
  let count = 0;
  for (let tap = 0; tap < geometry.kernel[axis]; tap++) {
    const position = window * geometry.strides[axis] - before + tap * geometry.dilations[axis];
    if (position >= low && position < high) count++;
  }
  return count;
}

/** Nearest neighbour, by whole factors. */
export function resize(emitter: OnnxEmitter, input: string, vertical: number, horizontal: number): string {
  const scales = emitter.shared(`scales:${vertical},${horizontal}`, () => ({
    dtype: 'float32',
    shape: [4],
    data: Float32Array.of(1, 1, vertical, horizontal),
  }));
  return emitter.emit('Resize', [input, '', scales], {
    mode: stringAttribute('nearest'),
    coordinate_transformation_mode: stringAttribute('asymmetric'),
    nearest_mode: stringAttribute('floor'),
  });
}

const downsampleSum: Lowering<'DownsampleSum'> = ({ emitter, inputs, attributes: { scale } }) => {
  const window: readonly [number, number] = [scale, scale];
  const means = emitter.emit('AveragePool', inputs, {
    kernel_shape: intsAttribute(window),
    strides: intsAttribute(window),
  });
  return [emitter.emit('Mul', [means, emitter.filled('float32', [], scale * scale)])];
};

export const poolingLowerings = {
  MaxPool: maxPool,
  FlatScatterAdd: flatScatterAdd,
  AveragePool: averagePool,
  AveragePoolInputGradient: averagePoolInputGradient,
  UpsampleNearest: ({ emitter, inputs, attributes: { scale } }) => [
    resize(emitter, inputs[0]!, scale, scale),
  ],
  DownsampleSum: downsampleSum,
} satisfies Partial<Lowerings>;
