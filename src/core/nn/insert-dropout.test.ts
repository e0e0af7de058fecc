import { describe, expect, it } from 'vitest';
import { drawBatch, drawParameters, makeClassifier, makeNarrowResidual } from '../../../testing/networks.ts';
import { tolerances } from '../../../testing/tolerances.ts';
import { Random } from '../base/random.ts';
import { interpret } from '../execution/reference-interpreter.ts';
import { Graph } from '../graph/graph.ts';
import { float32, numbersOf, type Tensor } from '../tensor/tensor.ts';
import { drawDropoutMasks, drawKeyedMasks, dropoutPlaces, maskInputs, subNetwork } from './dropout.ts';
import { withDropout } from './insert-dropout.ts';
import { bakedParameters, imageShape, type Network } from './network.ts';

/** Logits and embedding of these images; `masks`, where given, are fed. */
function answer(network: Network, images: Tensor, masks: Readonly<Record<string, Tensor>> | null = null) {
  const graph = new Graph();
  const input = graph.input('images', images);
  const parameters = bakedParameters(graph, network, drawParameters(network));
  const options = masks === null ? {} : { masks: maskInputs(graph, network, images.shape[0]!) };
  const { output, embedding } = network.forward(graph, input, parameters, options);
  const found = interpret(graph, [output, embedding], { images, ...masks }).map(numbersOf);
  return { logits: found[0]!, embedding: found[1]! };
}

describe('dropout in a network that has none', () => {
  it.each([
    ['linear', ['before the last layer']],
    ['mlp', ['before layer 2', 'before the last layer']],
    ['cnn', ['before layer 2', 'before layer 3', 'before the last layer']],
    ['resnet9', ['residual sum 1', 'residual sum 2', 'before the last layer']],
  ] as const)('of kind %s acts in its places', (architecture, places) => {
    expect(dropoutPlaces(withDropout(makeClassifier(architecture), 0.1))).toEqual(places);
  });

  it('does nothing without masks, and nothing at a rate of zero', () => {
    for (const plain of [makeClassifier('mlp'), makeClassifier('linear')]) {
      const { images } = drawBatch(plain, 3);
      const dropped = withDropout(plain, 0);
      expect(answer(dropped, images)).toEqual(answer(plain, images));
      const masks = drawDropoutMasks(dropped, 3, new Random(1, 'masks'));
      expect(answer(dropped, images, masks)).toEqual(answer(plain, images));
    }
  });

  it('drops what the last layer sees, for a batch of any size, and each sample by its own mask', () => {
    const network = withDropout(makeClassifier('mlp'), 0.5);
    const { images } = drawBatch(network, 4);
    const together = answer(network, images, drawKeyedMasks(network, 4, 7, [11, 12, 13, 14]));
    expect([...together.embedding].filter((value) => value === 0).length).toBeGreaterThan(100);
    const pixels = images.data.length / 4;
    for (const [row, key] of [11, 12, 13, 14].entries()) {
      const data = (images.data as Float32Array).slice(row * pixels, (row + 1) * pixels);
      const alone = float32(imageShape(network, 1), data);
      const found = answer(network, alone, drawKeyedMasks(network, 1, 7, [key]));
      expect(found.logits).toEqual(together.logits.slice(row * 3, row * 3 + 3));
    }
  });
});

describe('the sub-network of a mask', () => {
  it('is the network with that mask for all samples, and the network itself at a rate of zero', () => {
    const plain = makeNarrowResidual();
    const { images } = drawBatch(plain, 2);
    expect(answer(subNetwork(withDropout(plain, 0), 5), images)).toEqual(answer(plain, images));
    const found = answer(subNetwork(withDropout(plain, 0.3), 5), images);
    expect(found).not.toEqual(answer(plain, images));
    expect(answer(subNetwork(withDropout(plain, 0.3), 5), images)).toEqual(found);
    expect(answer(subNetwork(withDropout(plain, 0.3), 6), images)).not.toEqual(found);
  });

  it('has on average over masks what the last layer would see without any', () => {
    // Linear from the only mask on: the mean over masks is then the undropped value itself.
    const plain = makeClassifier('linear');
    const { images } = drawBatch(plain, 1);
    const expected = answer(plain, images).logits;
    const count = 2000;
    const repeated = new Float32Array(count * images.data.length);
    for (let row = 0; row < count; row++) repeated.set(images.data as Float32Array, row * images.data.length);
    const dropped = withDropout(plain, 0.2);
    const masks = drawDropoutMasks(dropped, count, new Random(3, 'masks'));
    const { logits } = answer(dropped, float32(imageShape(plain, count), repeated), masks);
    for (const [index, value] of expected.entries()) {
      const seen = logits.filter((_, place) => place % 3 === index);
      const mean = seen.reduce((total, logit) => total + logit, 0) / count;
      const variance = seen.reduce((total, logit) => total + (logit - mean) ** 2, 0) / count;
      expect(variance).toBeGreaterThan(0);
      expect(Math.abs(mean - value) / Math.sqrt(variance / count)).toBeLessThan(tolerances.standardErrors);
    }
  });
});
