/** @file A classifier as somebody might bring it: one convolution, a mean over the map, a linear layer; written as an ONNX file. */
import { Random } from '../src/core/base/random.ts';
import type { OnnxModel, OnnxNode } from '../src/core/onnx/model.ts';
import { intAttribute, intsAttribute } from '../src/core/onnx/model.ts';
import { elementCount, float32, type Shape, type Tensor } from '../src/core/tensor/tensor.ts';
import { onnxModel, onnxNode } from './onnx-models.ts';

export interface BroughtModelOptions {
  readonly classes?: number;
  readonly channels?: number;
  /** null: free. */
  readonly size?: number | null;
  readonly layout?: 'nchw' | 'nhwc';
  /** The output is the softmax instead of the logits. */
  readonly softmax?: boolean;
  /** The mean over the map is an output too. */
  readonly embedding?: boolean;
  /** An operator that nobody knows, on the way to a second output. */
  readonly strangeOutput?: boolean;
}

export function broughtModel({
  classes = 3,
  channels = 1,
  size = 16,
  layout = 'nchw',
  ...extras
}: BroughtModelOptions = {}): OnnxModel {
  const side = size ?? 'side';
  const shape = layout === 'nchw' ? ['batch', channels, side, side] : ['batch', side, side, channels];
  return onnxModel({
    inputs: new Map([['images', { dtype: 'float32', shape }]]),
    initializers: {
      'conv.weight': drawn('conv.weight', [4, channels, 3, 3]),
      'conv.bias': drawn('conv.bias', [4]),
      'head.weight': drawn('head.weight', [classes, 4]),
      'head.bias': drawn('head.bias', [classes]),
    },
    nodes: [...planes(layout), ...body, ...ends(extras)],
    outputs: [
      extras.softmax === true ? 'probabilities' : 'logits',
      ...(extras.embedding === true ? ['embedding'] : []),
      ...(extras.strangeOutput === true ? ['strange'] : []),
    ],
  });
}

/** The images with their channels first. */
function planes(layout: 'nchw' | 'nhwc'): OnnxNode[] {
  return layout === 'nchw'
    ? [onnxNode('Identity', ['images'], ['planes'])]
    : [onnxNode('Transpose', ['images'], ['planes'], { perm: intsAttribute([0, 3, 1, 2]) })];
}

const body: readonly OnnxNode[] = [
  onnxNode('Conv', ['planes', 'conv.weight', 'conv.bias'], ['map'], { pads: intsAttribute([1, 1, 1, 1]) }),
  onnxNode('Relu', ['map'], ['active']),
  onnxNode('GlobalAveragePool', ['active'], ['pooled']),
  onnxNode('Flatten', ['pooled'], ['embedding']),
  onnxNode('Gemm', ['embedding', 'head.weight', 'head.bias'], ['logits'], { transB: intAttribute(1) }),
];

function ends({ softmax, strangeOutput }: BroughtModelOptions): OnnxNode[] {
  return [
    ...(softmax === true ? [onnxNode('Softmax', ['logits'], ['probabilities'])] : []),
    ...(strangeOutput === true ? [onnxNode('NeverHeardOf', ['embedding'], ['strange'])] : []),
  ];
}

function drawn(name: string, shape: Shape): Tensor {
  const random = new Random(3, name);
  return float32(
    shape,
    Float32Array.from({ length: elementCount(shape) }, () => 0.5 * random.normal()),
  );
}
