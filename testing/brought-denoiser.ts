/** @file Denoisers as somebody might bring them, written as ONNX files. */
import { lowerGraph } from '../src/core/compiler/lower/lower-graph.ts';
import { Graph, type Value } from '../src/core/graph/graph.ts';
import { classInput, timeInput } from '../src/core/nn/denoiser/u-net.ts';
import { bakedParameters, imageShape, type Network } from '../src/core/nn/network.ts';
import { floatAttribute, intAttribute, intsAttribute, type OnnxModel } from '../src/core/onnx/model.ts';
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

function drawn(name: string, shape: Shape): Tensor {
  const random = new Random(4, name);
  return float32(
    shape,
    Float32Array.from({ length: elementCount(shape) }, () => 0.5 * random.normal()),
  );
}
