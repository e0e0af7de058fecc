/** @file Small denoisers with noisy batches and feeds for tests of their programs. */
import { Random } from '../src/core/base/random.ts';
import { shapeOf } from '../src/core/graph/graph.ts';
import { buildUNet, timeInput, type UNetConfig } from '../src/core/nn/denoiser/u-net.ts';
import { drawDropoutMasks } from '../src/core/nn/dropout.ts';
import { imageShape, layOutParameters, type Network } from '../src/core/nn/network.ts';
import { matMul, reshape } from '../src/core/ops/build.ts';
import { present } from '../src/core/base/assert.ts';
import { elementCount, float32, type Shape, type Tensor } from '../src/core/tensor/tensor.ts';
import { drawParameters } from './networks.ts';

export function makeDenoiser(config: Partial<UNetConfig> = {}): Network {
  return buildUNet({
    architecture: 'ddpm-tiny',
    channels: 1,
    imageSize: 8,
    classCount: 0,
    dropout: 0,
    ...config,
  });
}

/** ε̂ = W·x_t on images of 1 × 2 × 2, whatever the time: all its gradients are known in closed form. W is [4, 4]. */
export function makeLinearDenoiser(): Network {
  const inputShape = [1, 2, 2] as const;
  const { parameters, parameterCount } = layOutParameters([{ name: 'weight', shape: [4, 4] }]);
  return {
    inputShape,
    outputCount: 4,
    parameters,
    parameterCount,
    dropouts: [],
    initialParameters: (seed) => {
      const random = new Random(seed, 'linear denoiser');
      return new Float32Array(parameterCount).map(() => random.normal());
    },
    forward: (graph, images, values) => {
      const flat = reshape(graph, images, [-1, 4]);
      const weight = present(values.get('weight'), 'weight');
      const said = matMul(graph, flat, weight, { transposeB: true });
      return { output: reshape(graph, said, shapeOf(images)), embedding: said };
    },
  };
}

function normals(shape: Shape, name: string): Tensor<'float32'> {
  const random = new Random(12, name);
  return float32(
    shape,
    new Float32Array(elementCount(shape)).map(() => random.normal()),
  );
}

/** Noisy images and what the network is told beside them: steps spread over a thousand, and classes in turn. */
export function noisyFeeds(network: Network, batchSize: number): Record<string, Tensor> {
  const feeds: Record<string, Tensor> = { images: normals(imageShape(network, batchSize), 'images') };
  for (const { name, shape } of network.sideInputs ?? []) {
    const width = elementCount(shape);
    const told = new Float32Array(batchSize * width);
    for (let sample = 0; sample < batchSize; sample++) {
      if (name === timeInput) told[sample] = (37 + 311 * sample) % 1000;
      else told[sample * width + (sample % width)] = 1;
    }
    feeds[name] = float32([batchSize, ...shape], told);
  }
  return feeds;
}

/** For features: `sampleWeights` are 1, −½, 1, −½, … divided by the size of the batch. */
export function denoiserFeatureFeeds(network: Network, batchSize: number): Record<string, Tensor> {
  const weights = new Float32Array(batchSize).map((_, sample) => (sample % 2 === 0 ? 1 : -0.5) / batchSize);
  return {
    ...noisyFeeds(network, batchSize),
    ...drawDropoutMasks(network, batchSize, new Random(9, 'masks')),
    noise: normals(imageShape(network, batchSize), 'noise'),
    sampleWeights: float32([batchSize], weights),
  };
}

/** A step from the middle of a training on the same samples. */
export function denoiserTrainingFeeds(network: Network, batchSize: number): Record<string, Tensor> {
  const { parameterCount } = network;
  const { noise, ...feeds } = denoiserFeatureFeeds(network, batchSize);
  const state = normals([2 * parameterCount], 'state').data.map((value) => Math.abs(value) * 0.01);
  return {
    ...feeds,
    targets: present(noise, 'noise'),
    parameters: float32([parameterCount], drawParameters(network)),
    average: float32([parameterCount], network.initialParameters(5)),
    optimizerState: float32([2 * parameterCount], state),
    learningRate: float32([1], Float32Array.of(0.01)),
    step: float32([1], Float32Array.of(3)),
    averageShare: float32([1], Float32Array.of(0.25)),
  };
}
