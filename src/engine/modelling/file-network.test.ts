import { describe, expect, it } from 'vitest';
import { broughtModel } from '../../../testing/brought-model.ts';
import { Random } from '../../core/base/random.ts';
import { interpret } from '../../core/execution/reference-interpreter.ts';
import { Graph } from '../../core/graph/graph.ts';
import { bakedParameters, imageShape, type Network } from '../../core/nn/network.ts';
import { importModel } from '../../core/onnx/import/import-model.ts';
import type { OnnxModel } from '../../core/onnx/model.ts';
import { elementCount, float32, numbersOf, type Tensor } from '../../core/tensor/tensor.ts';
import { fileNetwork } from './file-network.ts';
import type { FileNetwork } from './network-description.ts';

const plain: FileNetwork = {
  file: '',
  channels: 1,
  imageSize: 16,
  layout: 'nchw',
  input: 'images',
  output: 'logits',
  outputKind: 'logits',
  embedding: null,
  columns: null,
  newHead: null,
  trained: ['conv.weight', 'conv.bias', 'head.weight', 'head.bias'],
  loraRank: null,
};

function drawImages(network: Network, count: number): Tensor {
  const random = new Random(1, 'images');
  const shape = imageShape(network, count);
  return float32(
    shape,
    Float32Array.from({ length: elementCount(shape) }, () => random.normal()),
  );
}

/** The network's answers with its own first parameters. */
function answer(network: Network, images: Tensor) {
  const graph = new Graph();
  const input = graph.input('images', images);
  const parameters = bakedParameters(graph, network, network.initialParameters(4));
  const { output, embedding } = network.forward(graph, input, parameters);
  const [rows, inner] = interpret(graph, [output, embedding], { images });
  return { logits: numbersOf(rows!), embedding: inner!.shape };
}

/** What the file itself says. */
function fileSays(model: OnnxModel, images: Tensor): Float64Array {
  const { graph, outputs } = importModel(model, { inputShapes: new Map([['images', images.shape]]) });
  return numbersOf(interpret(graph, [...outputs.values()], { images })[0]!);
}

describe('a network from a file', () => {
  it('answers as the file, for any number of images, and shows what its last layer sees', () => {
    const model = broughtModel();
    const network = fileNetwork(model, plain);
    expect(network).toMatchObject({ outputCount: 3, parameterCount: 55 });
    for (const count of [1, 5]) {
      const images = drawImages(network, count);
      const found = answer(network, images);
      expect(found.logits).toEqual(fileSays(model, images));
      expect(found.embedding).toEqual([count, 4]);
    }
  });

  it('takes the logits from in front of a softmax', () => {
    const probabilities = broughtModel({ softmax: true });
    const network = fileNetwork(probabilities, {
      ...plain,
      output: 'probabilities',
      outputKind: 'probabilities',
    });
    const images = drawImages(network, 3);
    expect(answer(network, images).logits).toEqual(fileSays(broughtModel(), images));
  });

  it('turns images round for a file that wants channels last', () => {
    const network = fileNetwork(broughtModel({ layout: 'nhwc' }), { ...plain, layout: 'nhwc' });
    const images = drawImages(network, 2);
    expect(answer(network, images).logits).toEqual(fileSays(broughtModel(), images));
  });

  it('leaves out outputs that are no classes, and keeps the order that is asked for', () => {
    const whole = fileNetwork(broughtModel(), plain);
    const some = fileNetwork(broughtModel(), { ...plain, columns: [2, 0] });
    const images = drawImages(whole, 1);
    const all = answer(whole, images).logits;
    expect(some.outputCount).toBe(2);
    expect(answer(some, images).logits).toEqual(Float64Array.of(all[2]!, all[0]!));
  });

  it('with a new head has its own parameters for it, and none of the old one', () => {
    const network = fileNetwork(broughtModel(), { ...plain, newHead: 5 });
    expect(network.outputCount).toBe(5);
    expect(network.parameters.map(({ name, shape }) => [name, shape.join('×')])).toEqual([
      ['conv.weight', '4×1×3×3'],
      ['conv.bias', '4'],
      ['new-head.weight', '5×4'],
      ['new-head.bias', '5'],
    ]);
    expect(answer(network, drawImages(network, 2)).logits).toHaveLength(10);
  });

  it('with adapters begins as the file, and trains the adapters alone', () => {
    const network = fileNetwork(broughtModel(), { ...plain, loraRank: 2 });
    expect(network.parameters.map(({ name, shape }) => [name, shape.join('×')])).toEqual([
      ['conv.weight.lora-down', '2×9'],
      ['conv.weight.lora-up', '4×2'],
      ['head.weight.lora-down', '2×4'],
      ['head.weight.lora-up', '3×2'],
    ]);
    const images = drawImages(network, 2);
    expect(answer(network, images).logits).toEqual(fileSays(broughtModel(), images));
  });

  it('freezes what was not chosen', () => {
    const network = fileNetwork(broughtModel(), { ...plain, trained: ['head.weight', 'head.bias'] });
    expect(network.parameterCount).toBe(15);
    const images = drawImages(network, 2);
    expect(answer(network, images).logits).toEqual(fileSays(broughtModel(), images));
  });
});
