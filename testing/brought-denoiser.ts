/** @file Denoisers as somebody might bring them, written as ONNX files. */
import { lowerGraph } from '../src/core/compiler/lower/lower-graph.ts';
import { Graph, type Value } from '../src/core/graph/graph.ts';
import { classInput, timeInput } from '../src/core/nn/denoiser/u-net.ts';
import { bakedParameters, imageShape, type Network } from '../src/core/nn/network.ts';
import {
  floatAttribute,
  intAttribute,
  intsAttribute,
  stringAttribute,
  type OnnxModel,
} from '../src/core/onnx/model.ts';
import { cast, constant, gather, reshape } from '../src/core/ops/build.ts';
import { elementCount, float32, tensorOf, type Shape, type Tensor } from '../src/core/tensor/tensor.ts';
import { Random } from '../src/core/base/random.ts';
import { onnxModel, onnxNode } from './onnx-models.ts';

/**
 * A denoiser of ours as exporters of other programs write one: for one image `sample`, a whole scalar `timestep`, the number of a class `class_labels` where
 * it is told classes, and the output `noise_pred`.
 */
export function exportedDenoiser(network: Network, parameters: Float32Array): OnnxModel {
  const graph = new Graph();
  const images = graph.input('sample', { dtype: 'float32', shape: imageShape(network, 1) });
  const step = graph.input('timestep', { dtype: 'int64', shape: [] });
  const side = new Map<string, Value>([[timeInput, cast(graph, reshape(graph, step, [1]), 'float32')]]);
  const told = network.sideInputs?.find(({ name }) => name === classInput);
  if (told !== undefined) {
    const [count] = told.shape as readonly [number];
    const label = graph.input('class_labels', { dtype: 'int64', shape: [1] });
    const rows = Array.from({ length: count ** 2 }, (_, place) => (place % (count + 1) === 0 ? 1 : 0));
    side.set(classInput, gather(graph, constant(graph, [count, count], rows), label));
  }
  const { output } = network.forward(graph, images, bakedParameters(graph, network, parameters), { side });
  const lowered = lowerGraph(graph, new Map([['noise_pred', output]]), { profile: 'portable' });
  return { ...lowered, producer: 'test' };
}

/**
 * A convolution, a shift by the step and by the class as one-hot of `classes`, and a convolution to twice the channels: the prediction and a variance. Any
 * number of images of any size.
 */
export function smallDenoiser(classes: number, channels = 1): OnnxModel {
  const width = 4;
  return onnxModel({
    inputs: new Map([
      ['x', { dtype: 'float32', shape: ['batch', channels, 'side', 'side'] }],
      ['t', { dtype: 'float32', shape: ['batch'] }],
      ['y', { dtype: 'float32', shape: ['batch', classes] }],
    ]),
    initializers: {
      'first.weight': drawn('first.weight', [width, channels, 3, 3]),
      'time.weight': drawn('time.weight', [width, 1]),
      'class.weight': drawn('class.weight', [width, classes]),
      'last.weight': drawn('last.weight', [2 * channels, width, 3, 3]),
      'last.bias': drawn('last.bias', [2 * channels]),
      axes: tensorOf('int64', [1], [1]),
      mapAxes: tensorOf('int64', [2], [2, 3]),
      scale: float32([], Float32Array.of(0.001)),
    },
    nodes: [
      onnxNode('Conv', ['x', 'first.weight'], ['map'], { pads: intsAttribute([1, 1, 1, 1]) }),
      onnxNode('Mul', ['t', 'scale'], ['share']),
      onnxNode('Unsqueeze', ['share', 'axes'], ['column']),
      onnxNode('Gemm', ['column', 'time.weight'], ['late'], { transB: intAttribute(1) }),
      onnxNode('Gemm', ['y', 'class.weight'], ['kind'], {
        transB: intAttribute(1),
        alpha: floatAttribute(1),
      }),
      onnxNode('Add', ['late', 'kind'], ['shift']),
      onnxNode('Unsqueeze', ['shift', 'mapAxes'], ['planes']),
      onnxNode('Add', ['map', 'planes'], ['shifted']),
      onnxNode('Sigmoid', ['shifted'], ['gate']),
      onnxNode('Mul', ['shifted', 'gate'], ['active']),
      onnxNode('Conv', ['active', 'last.weight', 'last.bias'], ['said'], {
        pads: intsAttribute([1, 1, 1, 1]),
      }),
    ],
    outputs: ['said'],
  });
}

/**
 * The shape of a text-conditional U-Net, small: GroupNorm as exporters fold it, a strided convolution, cross-attention of the lower map to `tokens` × `width`
 * hidden states, nearest-neighbour resizing, a skip by concatenation. Any number of images of 8 × 8.
 */
export function textDenoiser(width: number, channels = 1): OnnxModel {
  const inner = 4;
  const same = { pads: intsAttribute([1, 1, 1, 1]) };
  return onnxModel({
    inputs: new Map([
      ['sample', { dtype: 'float32', shape: ['batch', channels, 8, 8] }],
      ['timestep', { dtype: 'int64', shape: ['steps'] }],
      ['encoder_hidden_states', { dtype: 'float32', shape: ['batch', 'tokens', width] }],
    ]),
    initializers: {
      'conv_in.weight': drawn('conv_in.weight', [inner, channels, 3, 3]),
      'conv_in.bias': drawn('conv_in.bias', [inner]),
      'time.weight': drawn('time.weight', [inner, 1]),
      'norm.weight': drawn('norm.weight', [inner, 1, 1]),
      'norm.bias': drawn('norm.bias', [inner, 1, 1]),
      'down.weight': drawn('down.weight', [inner, inner, 3, 3]),
      'attn.to_q.weight': drawn('attn.to_q.weight', [inner, inner]),
      'attn.to_k.weight': drawn('attn.to_k.weight', [width, inner]),
      'attn.to_v.weight': drawn('attn.to_v.weight', [width, inner]),
      'attn.to_out.weight': drawn('attn.to_out.weight', [inner, inner]),
      'conv_out.weight': drawn('conv_out.weight', [channels, 2 * inner, 3, 3]),
      axes: tensorOf('int64', [1], [1]),
      mapAxes: tensorOf('int64', [2], [2, 3]),
      groups: tensorOf('int64', [3], [0, 2, -1]),
      ones: float32([2], Float32Array.of(1, 1)),
      zeros: float32([2], Float32Array.of(0, 0)),
      flat: tensorOf('int64', [3], [0, inner, 16]),
      back: tensorOf('int64', [4], [0, inner, 4, 4]),
      whole: tensorOf('int64', [4], [0, inner, 8, 8]),
      scale: float32([], Float32Array.of(0.001)),
      half: float32([], Float32Array.of(0.5)),
      scales: float32([4], Float32Array.of(1, 1, 2, 2)),
    },
    nodes: [
      onnxNode('Conv', ['sample', 'conv_in.weight', 'conv_in.bias'], ['map'], same),
      onnxNode('Cast', ['timestep'], ['real'], { to: intAttribute(1) }),
      onnxNode('Mul', ['real', 'scale'], ['share']),
      onnxNode('Unsqueeze', ['share', 'axes'], ['column']),
      onnxNode('Gemm', ['column', 'time.weight'], ['late'], { transB: intAttribute(1) }),
      onnxNode('Unsqueeze', ['late', 'mapAxes'], ['planes']),
      onnxNode('Add', ['map', 'planes'], ['timed']),
      onnxNode('Reshape', ['timed', 'groups'], ['grouped']),
      onnxNode('InstanceNormalization', ['grouped', 'ones', 'zeros'], ['standard']),
      onnxNode('Reshape', ['standard', 'whole'], ['ungrouped']),
      onnxNode('Mul', ['ungrouped', 'norm.weight'], ['scaled']),
      onnxNode('Add', ['scaled', 'norm.bias'], ['normal']),
      onnxNode('Sigmoid', ['normal'], ['gate']),
      onnxNode('Mul', ['normal', 'gate'], ['active']),
      onnxNode('Conv', ['active', 'down.weight'], ['low'], { ...same, strides: intsAttribute([2, 2]) }),
      onnxNode('Reshape', ['low', 'flat'], ['rows']),
      onnxNode('Transpose', ['rows'], ['places'], { perm: intsAttribute([0, 2, 1]) }),
      onnxNode('MatMul', ['places', 'attn.to_q.weight'], ['query']),
      onnxNode('MatMul', ['encoder_hidden_states', 'attn.to_k.weight'], ['key']),
      onnxNode('MatMul', ['encoder_hidden_states', 'attn.to_v.weight'], ['value']),
      onnxNode('Transpose', ['key'], ['keys'], { perm: intsAttribute([0, 2, 1]) }),
      onnxNode('MatMul', ['query', 'keys'], ['products']),
      onnxNode('Mul', ['products', 'half'], ['similar']),
      onnxNode('Softmax', ['similar'], ['weights'], { axis: intAttribute(-1) }),
      onnxNode('MatMul', ['weights', 'value'], ['mixed']),
      onnxNode('MatMul', ['mixed', 'attn.to_out.weight'], ['told']),
      onnxNode('Add', ['places', 'told'], ['informed']),
      onnxNode('Transpose', ['informed'], ['columns'], { perm: intsAttribute([0, 2, 1]) }),
      onnxNode('Reshape', ['columns', 'back'], ['lowMap']),
      onnxNode('Resize', ['lowMap', '', 'scales'], ['high'], {
        mode: stringAttribute('nearest'),
        coordinate_transformation_mode: stringAttribute('asymmetric'),
        nearest_mode: stringAttribute('floor'),
      }),
      onnxNode('Concat', ['high', 'active'], ['both'], { axis: intAttribute(1) }),
      onnxNode('Conv', ['both', 'conv_out.weight'], ['out_sample'], same),
    ],
    outputs: ['out_sample'],
  });
}

function drawn(name: string, shape: Shape): Tensor {
  const random = new Random(4, name);
  return float32(
    shape,
    Float32Array.from({ length: elementCount(shape) }, () => 0.5 * random.normal()),
  );
}
