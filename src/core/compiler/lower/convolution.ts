/** @file Lowering of convolution and of its gradient to the input. */
import type { ConvGeometry } from '../../graph/op-attributes.ts';
import { intAttribute, intsAttribute } from '../../onnx/model.ts';
import { effectiveKernel } from '../../ops/geometry.ts';
import type { Shape } from '../../tensor/tensor.ts';
import type { Attributes, OnnxEmitter } from './emitter.ts';
import type { Lowering, Lowerings, LoweringSite } from './rule.ts';

const conv: Lowering<'Conv'> = ({ emitter, node, inputs, attributes }) => [
  emitter.emit('Conv', inputs, convAttributes(node.inputs[1]!.type.shape, attributes)),
];

export function convAttributes(weightShape: Shape, geometry: ConvGeometry): Attributes {
  return {
    kernel_shape: intsAttribute(weightShape.slice(2)),
    strides: intsAttribute(geometry.strides),
    dilations: intsAttribute(geometry.dilations),
    pads: intsAttribute(geometry.pads),
    group: intAttribute(geometry.group),
  };
}

/**
 * Stride 1: a convolution of dy with the flipped kernel, which has ORT's fast path. Any other stride, padding wider than the
 * kernel, or a single input channel (where it is faster): ConvTranspose.
 */
const convInputGradient: Lowering<'ConvInputGradient'> = (site) => {
  const { emitter, node, inputs, attributes } = site;
  const [dy, w] = inputs as [string, string];
  const flipped = flippedConvolution(site);
  if (flipped !== null) {
    const { weightShape, geometry } = flipped;
    return [emitter.emit('Conv', [dy, flipped.weight()], convAttributes(weightShape, geometry))];
  }
  const weightShape = node.inputs[1]!.type.shape;
  const outputShape = node.inputs[0]!.type.shape;
  const fit = transposedFit(attributes, outputShape, attributes.inputShape, weightShape.slice(2));
  return [
    emitter.emit('ConvTranspose', [dy, w], {
      ...convAttributes(weightShape, { ...attributes, pads: fit.pads }),
      output_padding: intsAttribute(fit.outputPadding),
    }),
  ];
};

interface FlippedConvolution {
  /** [C, O/g, kh, kw] */
  readonly weightShape: Shape;
  readonly geometry: ConvGeometry;
  /** Emits the flipped weight. */
  readonly weight: () => string;
}

/** The convolution of dy that gives dx, where there is one that is fast. */
export function flippedConvolution(site: LoweringSite<'ConvInputGradient'>): FlippedConvolution | null {
  const { emitter, node, inputs, attributes } = site;
  const { strides, group, inputShape } = attributes;
  const weightShape = node.inputs[1]!.type.shape;
  const pads = padsOfFlipped(weightShape, attributes);
  const unitStride = strides.every((stride) => stride === 1);
  if (!unitStride || pads.some((width) => width < 0) || inputShape[1] === 1) return null;
  return {
    weightShape: [inputShape[1]!, weightShape[0]! / group, ...weightShape.slice(2)],
    geometry: { ...attributes, pads },
    weight: () => flipKernel(emitter, inputs[1]!, weightShape, group),
  };
}

function padsOfFlipped(weightShape: Shape, { pads, dilations }: ConvGeometry): ConvGeometry['pads'] {
  const reach = [0, 1].map((axis) => effectiveKernel(weightShape[axis + 2]!, dilations[axis]!) - 1);
  return [reach[0]! - pads[0], reach[1]! - pads[1], reach[0]! - pads[2], reach[1]! - pads[3]];
}

/**
 * [O, C/g, kh, kw] → [C, O/g, kh, kw] with both kernel axes reversed. Reversal is a product with the anti-identity: more than twice
 * as fast as a slice of step −1, and constant weights fold away when the session is made.
 */
function flipKernel(emitter: OnnxEmitter, w: string, weightShape: Shape, group: number): string {
  const [outputs, groupInputs, height, width] = weightShape as [number, number, number, number];
  const taps = height * width;
  const swapped = emitter.transpose(
    emitter.reshape(w, [group, outputs / group, groupInputs, taps]),
    [0, 2, 1, 3],
  );
  const rows = emitter.reshape(swapped, [group * groupInputs * (outputs / group), taps]);
  const reversed = taps === 1 ? rows : emitter.emit('MatMul', [rows, antiIdentity(emitter, taps)]);
  return emitter.reshape(reversed, [group * groupInputs, outputs / group, height, width]);
}

function antiIdentity(emitter: OnnxEmitter, size: number): string {
  return emitter.shared(`antiIdentity:${size}`, () => {
    const data = new Float32Array(size * size);
    for (let row = 0; row < size; row++) data[row * size + size - 1 - row] = 1;
    return { dtype: 'float32', shape: [size, size], data };
  });
}

/**
 * Padding of a ConvTranspose that gives back exactly `inputShape`: what the forward pass left over at the end is cut off less, or
 * added as output padding.
 */
export function transposedFit(
  geometry: Pick<ConvGeometry, 'strides' | 'dilations' | 'pads'>,
  outputShape: Shape,
  inputShape: Shape,
  kernel: Shape,
): { pads: ConvGeometry['pads']; outputPadding: readonly [number, number] } {
  const surplus = (axis: 0 | 1): number =>
    (outputShape[axis + 2]! - 1) * geometry.strides[axis] +
    effectiveKernel(kernel[axis]!, geometry.dilations[axis]) -
    geometry.pads[axis] -
    inputShape[axis + 2]!;
  const [vertical, horizontal] = [surplus(0), surplus(1)];
  return {
    pads: [geometry.pads[0], geometry.pads[1], Math.max(0, vertical), Math.max(0, horizontal)],
    outputPadding: [Math.max(0, -vertical), Math.max(0, -horizontal)],
  };
}

export const convolutionLowerings = {
  Conv: conv,
  ConvInputGradient: convInputGradient,
} satisfies Partial<Lowerings>;
