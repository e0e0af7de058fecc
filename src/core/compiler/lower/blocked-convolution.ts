/**
 * @file Convolution by ONNX Runtime's blocked kernels, which hold channels in blocks of as many as a vector register takes
 * ([N, C/b, H, W, b]) and are a fifth faster. ONNX Runtime chooses them by itself where the weight is constant; here trainable weights
 * get them too, re-blocked inside the graph. The operators are internal to ONNX Runtime and their block depends on the processor:
 * programs are compiled so only where a probe found that they compute rightly.
 */
import type { ConvGeometry } from '../../graph/op-attributes.ts';
import { intAttribute } from '../../onnx/model.ts';
import type { Shape } from '../../tensor/tensor.ts';
import { convAttributes, convolutionLowerings, flippedConvolution } from './convolution.ts';
import type { OnnxEmitter } from './emitter.ts';
import type { Lowering, Lowerings } from './rule.ts';

const DOMAIN = 'com.microsoft.nchwc';

/** Channels per block: 8 with AVX2, 16 with AVX-512. */
export type ChannelBlock = 8 | 16;

export function blockedConvolutionLowerings(block: ChannelBlock) {
  const conv: Lowering<'Conv'> = (site) => {
    const { emitter, node, inputs, attributes } = site;
    const weightShape = node.inputs[1]!.type.shape;
    const isFixed = emitter.initializers.has(inputs[1]!);
    if (isFixed || node.inputs[0]!.type.dtype !== 'float32' || !fits(weightShape, attributes, block)) {
      return convolutionLowerings.Conv(site);
    }
    return [blockedConv(emitter, inputs, weightShape, attributes, block)];
  };

  const convInputGradient: Lowering<'ConvInputGradient'> = (site) => {
    const { emitter, node, inputs } = site;
    const isFixed = emitter.initializers.has(inputs[1]!);
    const flipped = isFixed || node.inputs[0]!.type.dtype !== 'float32' ? null : flippedConvolution(site);
    if (flipped === null || !fits(flipped.weightShape, flipped.geometry, block)) {
      return convolutionLowerings.ConvInputGradient(site);
    }
    const weight = flipped.weight();
    return [blockedConv(emitter, [inputs[0]!, weight], flipped.weightShape, flipped.geometry, block)];
  };

  return { Conv: conv, ConvInputGradient: convInputGradient } satisfies Partial<Lowerings>;
}

/** Whole blocks of outputs, and of inputs unless they are fewer than a block: these are read as they are. */
function fits([outputs, inputs]: Shape, { group }: ConvGeometry, block: ChannelBlock): boolean {
  return group === 1 && outputs! % block === 0 && (inputs! < block || inputs! % block === 0);
}

/** inputs: x, w and optionally a bias. */
function blockedConv(
  emitter: OnnxEmitter,
  inputs: readonly string[],
  weightShape: Shape,
  geometry: ConvGeometry,
  block: ChannelBlock,
): string {
  const [x, weight, ...bias] = inputs as [string, string, ...string[]];
  const [outputs, channels] = weightShape as [number, number];
  const blockedX = channels < block ? x : emitInternal(emitter, 'ReorderInput', [x], {});
  const blockedWeight = blockWeight(emitter, weight, weightShape, block);
  const attributes = convAttributes(weightShape, geometry);
  const y = emitInternal(emitter, 'Conv', [blockedX, blockedWeight, ...bias], attributes);
  return emitInternal(emitter, 'ReorderOutput', [y], { channels: intAttribute(outputs) });
}

function emitInternal(
  emitter: OnnxEmitter,
  ...[opType, inputs, attributes]: Parameters<OnnxEmitter['emit']>
): string {
  return emitter.emitAll(opType, inputs, attributes ?? {}, 1, DOMAIN)[0]!;
}

/**
 * [O, C, K] → [O/b, C/b, K, b of C, b of O], in the guise of the old shape; with few inputs [O/b, C, K, b of O]. Two plain transposes:
 * one of five axes takes ONNX Runtime eight times as long.
 */
function blockWeight(emitter: OnnxEmitter, weight: string, weightShape: Shape, block: ChannelBlock): string {
  const [outputs, inputs, height, width] = weightShape as [number, number, number, number];
  const taps = height * width;
  const inner =
    inputs < block
      ? weight
      : emitter.transpose(emitter.reshape(weight, [(outputs * inputs) / block, block, taps]), [0, 2, 1]);
  const outer = emitter.transpose(emitter.reshape(inner, [outputs / block, block, inputs * taps]), [0, 2, 1]);
  return emitter.reshape(outer, weightShape);
}
