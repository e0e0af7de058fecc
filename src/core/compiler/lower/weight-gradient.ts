/**
 * @file Lowering of the convolution's gradients to its weight, summed or per sample. Symbols: N samples, C input and O output channels,
 * K kernel taps, L output positions, g groups.
 */
import type { ConvGeometry } from '../../graph/op-attributes.ts';
import { intAttribute } from '../../onnx/model.ts';
import { elementCount, type Shape } from '../../tensor/tensor.ts';
import type { OnnxEmitter } from './emitter.ts';
import type { Lowering, Lowerings, LoweringSite } from './rule.ts';

/** From this many channels on, copying whole channel vectors (gather) beats slicing planes. */
const GATHER_CHANNELS = 8;

/** Below this many output positions the weight is the larger side: the product is taken so that one cheap transpose remains. */
const SMALL_MAP = 64;

type WeightGradientOp = 'ConvWeightGradient' | 'ConvPerSampleWeightGradient';

interface Sizes {
  readonly samples: number;
  readonly inputs: number;
  readonly outputs: number;
  readonly taps: number;
  readonly positions: number;
  readonly xShape: Shape;
  readonly dyShape: Shape;
  readonly weightShape: Shape;
  readonly geometry: ConvGeometry;
}

function sizesOf({ node, attributes }: LoweringSite<WeightGradientOp>): Sizes {
  const xShape = node.inputs[0]!.type.shape;
  const dyShape = node.inputs[1]!.type.shape;
  const { weightShape } = attributes;
  return {
    samples: xShape[0]!,
    inputs: xShape[1]!,
    outputs: dyShape[1]!,
    taps: weightShape[2]! * weightShape[3]!,
    positions: dyShape[2]! * dyShape[3]!,
    xShape,
    dyShape,
    weightShape,
    geometry: attributes,
  };
}

const weightGradient: Lowering<'ConvWeightGradient'> = (site) => {
  const sizes = sizesOf(site);
  const { group } = site.attributes;
  if (group === 1 && sizes.inputs >= GATHER_CHANNELS) return [gatheredGradient(site, sizes)];
  if (group === sizes.inputs && sizes.outputs === sizes.inputs && group > 1)
    return [depthwiseGradient(site, sizes)];
  const { emitter } = site;
  const perSample = slicedGradient(site, sizes);
  const weightCount = elementCount(sizes.weightShape);
  const total = emitter.emit('MatMul', [
    emitter.filled('float32', [1, sizes.samples], 1),
    emitter.reshape(perSample, [sizes.samples, weightCount]),
  ]);
  return [emitter.reshape(total, sizes.weightShape)];
};

const perSampleWeightGradient: Lowering<'ConvPerSampleWeightGradient'> = (site) => {
  const sizes = sizesOf(site);
  const { emitter } = site;
  if (site.attributes.group > 1 || sizes.inputs < GATHER_CHANNELS) {
    return [emitter.reshape(slicedGradient(site, sizes), [sizes.samples, ...sizes.weightShape])];
  }
  const { samples, inputs, outputs, taps, positions } = sizes;
  const columns = emitter.reshape(gatherColumns(emitter, site.inputs[0]!, sizes), [
    samples,
    positions,
    taps * inputs,
  ]);
  const dy = emitter.reshape(site.inputs[1]!, [samples, outputs, positions]);
  const product = emitter.emit('MatMul', [dy, columns]);
  const channelsLast = emitter.reshape(product, [samples, outputs, ...sizes.weightShape.slice(2), inputs]);
  return [emitter.transpose(channelsLast, [0, 1, 4, 2, 3])];
};

/** Im2col over channels-last rows, then one Gemm over all samples and positions. */
function gatheredGradient({ emitter, inputs: names }: LoweringSite<WeightGradientOp>, sizes: Sizes): string {
  const { samples, inputs, outputs, taps, positions, weightShape } = sizes;
  const rows = samples * positions;
  const columns = emitter.reshape(gatherColumns(emitter, names[0]!, sizes), [rows, taps * inputs]);
  const dy = emitter.reshape(emitter.transpose(names[1]!, [0, 2, 3, 1]), [rows, outputs]);
  const transA = { transA: intAttribute(1) };
  if (positions <= SMALL_MAP) {
    const product = emitter.reshape(emitter.emit('Gemm', [dy, columns], transA), [outputs, taps, inputs]);
    return emitter.reshape(taps === 1 ? product : emitter.transpose(product, [0, 2, 1]), weightShape);
  }
  const product = emitter.reshape(emitter.emit('Gemm', [columns, dy], transA), [taps, inputs, outputs]);
  return emitter.reshape(emitter.transpose(product, [2, 1, 0]), weightShape);
}

/** x → [N, L·K, C]: for every output position and tap the channel vector under it, zeros outside the image. */
function gatherColumns(emitter: OnnxEmitter, x: string, sizes: Sizes): string {
  const { samples, inputs, taps, xShape, dyShape, weightShape, geometry } = sizes;
  const pixels = xShape[2]! * xShape[3]!;
  const channelsLast = emitter.reshape(emitter.transpose(x, [0, 2, 3, 1]), [samples, pixels, inputs]);
  const windows = windowIndices(xShape, dyShape, weightShape, geometry);
  if (taps === 1 && windows.every((pixel, position) => pixel === position) && windows.length === pixels) {
    return channelsLast;
  }
  const outside = windows.includes(pixels);
  const rows = outside
    ? emitter.emit('Pad', [
        channelsLast,
        emitter.int64s([0, 0, 0, 0, 1, 0]),
        emitter.filled('float32', [], 0),
      ])
    : channelsLast;
  const key = `windows:${[xShape.slice(2), dyShape.slice(2), weightShape.slice(2)].join(';')};${geometryKey(geometry)}`;
  const indices = emitter.shared(key, () => ({
    dtype: 'int64',
    shape: [windows.length],
    data: BigInt64Array.from(windows, BigInt),
  }));
  return emitter.emit('Gather', [rows, indices], { axis: intAttribute(1) });
}

function geometryKey({ strides, dilations, pads }: ConvGeometry): string {
  return [strides, dilations, pads].join(';');
}

/** Position-major, then taps: the pixel under each tap, or the one past the last where the tap is outside. */
function windowIndices(xShape: Shape, dyShape: Shape, weightShape: Shape, geometry: ConvGeometry): number[] {
  const [height, width] = [xShape[2]!, xShape[3]!];
  const { strides, dilations, pads } = geometry;
  const indices: number[] = [];
  for (let row = 0; row < dyShape[2]!; row++) {
    for (let column = 0; column < dyShape[3]!; column++) {
      for (let tapY = 0; tapY < weightShape[2]!; tapY++) {
        for (let tapX = 0; tapX < weightShape[3]!; tapX++) {
          const y = row * strides[0] - pads[0] + tapY * dilations[0];
          const x = column * strides[1] - pads[1] + tapX * dilations[1];
          const inside = y >= 0 && y < height && x >= 0 && x < width;
          indices.push(inside ? y * width + x : height * width);
        }
      }
    }
  }
  return indices;
}

/** Groups fold into the samples: [N·g, O/g, L] × [N·g, C/g·K, L]ᵀ → [N·g, O/g, C/g·K]. */
function slicedGradient({ emitter, inputs: names }: LoweringSite<WeightGradientOp>, sizes: Sizes): string {
  const { samples, inputs, outputs, taps, positions, xShape, geometry } = sizes;
  const folded = samples * geometry.group;
  const groupInputs = inputs / geometry.group;
  const image = emitter.reshape(names[0]!, [folded, groupInputs, xShape[2]!, xShape[3]!]);
  const planes = tapPlanes(emitter, image, sizes).map((plane) =>
    emitter.reshape(plane, [folded, groupInputs, 1, positions]),
  );
  const stacked =
    planes.length === 1 ? planes[0]! : emitter.emit('Concat', planes, { axis: intAttribute(2) });
  const columns = emitter.reshape(stacked, [folded, groupInputs * taps, positions]);
  const dy = emitter.reshape(names[1]!, [folded, outputs / geometry.group, positions]);
  return emitter.emit('MatMul', [dy, emitter.transpose(columns, [0, 2, 1])]);
}

function depthwiseGradient({ emitter, inputs: names }: LoweringSite<WeightGradientOp>, sizes: Sizes): string {
  const { samples, inputs, taps, weightShape } = sizes;
  const perTap = tapPlanes(emitter, names[0]!, sizes).map((plane) => {
    const product = emitter.emit('Mul', [plane, names[1]!]);
    const perSample = emitter.emit('ReduceSum', [product, emitter.int64s([2, 3])], {
      keepdims: intAttribute(0),
    });
    const total = emitter.emit('MatMul', [emitter.filled('float32', [1, samples], 1), perSample]);
    return emitter.reshape(total, [inputs, 1]);
  });
  const stacked = taps === 1 ? perTap[0]! : emitter.emit('Concat', perTap, { axis: intAttribute(1) });
  return emitter.reshape(stacked, weightShape);
}

/** For every kernel tap the strided window of the padded image under it: [.., .., H', W'] each. */
function tapPlanes(emitter: OnnxEmitter, image: string, sizes: Sizes): string[] {
  const { dyShape, weightShape, geometry } = sizes;
  const { pads, strides, dilations } = geometry;
  const padded = pads.every((width) => width === 0)
    ? image
    : emitter.emit('Pad', [
        image,
        emitter.int64s([0, 0, pads[0], pads[1], 0, 0, pads[2], pads[3]]),
        emitter.filled('float32', [], 0),
      ]);
  const planes: string[] = [];
  for (let tapY = 0; tapY < weightShape[2]!; tapY++) {
    for (let tapX = 0; tapX < weightShape[3]!; tapX++) {
      const starts = [tapY * dilations[0], tapX * dilations[1]];
      const ends = starts.map((start, axis) => start + (dyShape[axis + 2]! - 1) * strides[axis]! + 1);
      const operands = [starts, ends, [2, 3], strides].map((values) => emitter.int64s(values));
      planes.push(emitter.emit('Slice', [padded, ...operands]));
    }
  }
  return planes;
}

export const weightGradientLowerings = {
  ConvWeightGradient: weightGradient,
  ConvPerSampleWeightGradient: perSampleWeightGradient,
} satisfies Partial<Lowerings>;
