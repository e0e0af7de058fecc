/**
 * @file Lowering of the convolution's gradients to its weight, summed or per sample. Symbols: N samples, C input and O output channels,
 * K kernel taps, L output positions, g groups.
 */
import { intAttribute } from '../../onnx/model.ts';
import { elementCount } from '../../tensor/tensor.ts';
import type { OnnxEmitter } from './emitter.ts';
import { gatherColumns, seesEveryPixelOnce, type Sizes } from './im2col.ts';
import type { Lowering, Lowerings, LoweringSite } from './rule.ts';

/** From this many channels on, copying whole channel vectors (gather) beats slicing planes. */
const GATHER_CHANNELS = 8;

/** From this many output positions on, a product per sample is as fast as one for all. */
const LARGE_MAP = 128;

/** Elements of im2col columns that are formed at once: four megabytes, which caches of the last level hold. */
const PIECE_ELEMENTS = 2 ** 20;

type WeightGradientOp = 'ConvWeightGradient' | 'ConvPerSampleWeightGradient';

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

/**
 * Im2col over channels-last rows, then products with dy. Piece by piece, so that the columns are still in the cache when the product
 * reads them; a piece is a few samples.
 */
function gatheredGradient({ emitter, inputs: names }: LoweringSite<WeightGradientOp>, sizes: Sizes): string {
  const { samples, inputs, outputs, taps, positions, weightShape } = sizes;
  if (seesEveryPixelOnce(sizes)) {
    const [x, dy] = names.map((name, index) =>
      channelRows(emitter, name, [samples, index === 0 ? inputs : outputs, positions]),
    );
    return emitter.reshape(emitter.emit('Gemm', [dy!, x!], { transB: intAttribute(1) }), weightShape);
  }
  const perPiece = samplesPerPiece(positions * taps * inputs);
  const terms: string[] = [];
  for (let start = 0; start < samples; start += perPiece) {
    const end = Math.min(samples, start + perPiece);
    const [x, dy] = names.map((name) => sampleRange(emitter, name, start, end, samples));
    terms.push(pieceGradient(emitter, x!, dy!, { ...sizes, samples: end - start }));
  }
  const total = terms.length === 1 ? terms[0]! : emitter.emit('Sum', terms);
  const channelsLast = emitter.reshape(total, [outputs, taps, inputs]);
  return emitter.reshape(taps === 1 ? channelsLast : emitter.transpose(channelsLast, [0, 2, 1]), weightShape);
}

/** A multiple of four where it is more than one: threads share the samples of a piece, and should get equally many. */
function samplesPerPiece(elementsPerSample: number): number {
  const fitting = PIECE_ELEMENTS / elementsPerSample;
  return fitting < 2 ? 1 : 4 * Math.max(1, Math.round(fitting / 4));
}

/** [O, K·C] of a few samples. On large maps a product per sample, which needs no transposed dy, and a row of ones to add them up. */
function pieceGradient(emitter: OnnxEmitter, x: string, dy: string, sizes: Sizes): string {
  const { samples, inputs, outputs, taps, positions } = sizes;
  const width = taps * inputs;
  const columns = gatherColumns(emitter, x, sizes);
  if (positions < LARGE_MAP) {
    const rows = emitter.reshape(columns, [samples * positions, width]);
    return emitter.emit('MatMul', [channelRows(emitter, dy, [samples, outputs, positions]), rows]);
  }
  const products = emitter.emit('MatMul', [
    emitter.reshape(dy, [samples, outputs, positions]),
    emitter.reshape(columns, [samples, positions, width]),
  ]);
  const sum = emitter.emit('MatMul', [
    emitter.filled('float32', [1, samples], 1),
    emitter.reshape(products, [samples, outputs * width]),
  ]);
  return emitter.reshape(sum, [outputs, width]);
}

/** [N, C, L] → [C, N·L]. */
function channelRows(emitter: OnnxEmitter, name: string, shape: readonly [number, number, number]): string {
  const [samples, channels, positions] = shape;
  const swapped = emitter.transpose(emitter.reshape(name, shape), [1, 0, 2]);
  return emitter.reshape(swapped, [channels, samples * positions]);
}

function sampleRange(emitter: OnnxEmitter, name: string, start: number, end: number, all: number): string {
  if (end - start === all) return name;
  return emitter.emit('Slice', [name, ...[[start], [end], [0]].map((values) => emitter.int64s(values))]);
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
