/** @file Small classifiers with parameters, batches and feeds for tests of compiled programs. */
import { expect } from 'vitest';
import { Random } from '../src/core/base/random.ts';
import type { ArchitectureName } from '../src/core/nn/architectures.ts';
import { buildClassifier, layOut, type Classifier } from '../src/core/nn/classifier.ts';
import { drawDropoutMasks } from '../src/core/nn/dropout.ts';
import type { Layer } from '../src/core/nn/layers.ts';
import { imageShape, type Network } from '../src/core/nn/network.ts';
import { optimizerStateVectors, type OptimizerName } from '../src/core/nn/optimizers.ts';
import { elementCount, float32, numbersOf, type Tensor } from '../src/core/tensor/tensor.ts';
import { tolerances } from './tolerances.ts';

export function makeClassifier(architecture: ArchitectureName, dropout = 0): Classifier {
  return buildClassifier({ architecture, channels: 2, imageSize: 8, classCount: 3, dropout });
}

/** ResNet-9's kinds of layers, narrow: the reference would take half a minute for the real widths. */
export function makeNarrowResidual(): Classifier {
  const conv = (name: string, inputs: number): Layer[] => [
    { kind: 'conv', name, inputs, outputs: 8, kernel: 3, padding: 1, bias: false },
    { kind: 'groupNorm', name: `${name}.norm`, channels: 8, groups: 2 },
  ];
  return layOut(makeClassifier('resnet9').config, [
    ...conv('conv1', 2),
    { kind: 'maxPool', size: 2 },
    { kind: 'relu' },
    { kind: 'residual', layers: [...conv('conv2', 8), { kind: 'relu' }, ...conv('conv3', 8)] },
    { kind: 'maxPool', size: 4 },
    { kind: 'flatten' },
    { kind: 'dropout', name: 'features', shape: [8], rate: 0.25 },
    { kind: 'linear', name: 'fc', inputs: 8, outputs: 3, last: true },
  ]);
}

/** Parameters away from the initial ones, so that biases and scales are neither zero nor one. */
export function drawParameters(network: Network): Float32Array<ArrayBuffer> {
  const random = new Random(5, 'perturbation');
  return network.initialParameters(5).map((value) => value + 0.05 * random.normal());
}

/** Images of few grey levels, as real ones have: flat regions give ties in max pooling. */
export function drawBatch(network: Network, batchSize: number): { images: Tensor; targets: Tensor } {
  const random = new Random(2, 'batch');
  const classCount = network.outputCount;
  const shape = imageShape(network, batchSize);
  const images = new Float32Array(elementCount(shape)).map(() => random.integer(5) / 2 - 1);
  const targets = new Float32Array(batchSize * classCount);
  for (let row = 0; row < batchSize; row++) targets[row * classCount + random.integer(classCount)] = 1;
  return {
    images: float32(shape, images),
    targets: float32([batchSize, classCount], targets),
  };
}

export function trainingFeeds(
  network: Network,
  batchSize: number,
  optimizer: OptimizerName,
): Record<string, Tensor> {
  const random = new Random(4, 'state');
  const stateCount = optimizerStateVectors[optimizer] * network.parameterCount;
  const state = new Float32Array(stateCount).map(() => Math.abs(random.normal()) * 0.01);
  const weights = new Float32Array(batchSize).map((_, row) =>
    row > 0 && row === batchSize - 1 ? 0 : 1 + row,
  );
  return {
    ...drawBatch(network, batchSize),
    ...drawDropoutMasks(network, batchSize, new Random(9, 'masks')),
    sampleWeights: float32([batchSize], weights),
    parameters: float32([network.parameterCount], drawParameters(network)),
    optimizerState: float32([stateCount], state),
    learningRate: float32([1], Float32Array.of(0.1)),
    step: float32([1], Float32Array.of(3)),
  };
}

/** The largest difference, relative to the largest element of what is expected. */
function relativeError(found: ArrayLike<number>, expected: ArrayLike<number>): number {
  let [worst, scale] = [0, 1e-12];
  for (let index = 0; index < expected.length; index++) {
    worst = Math.max(worst, Math.abs(found[index]! - expected[index]!));
    scale = Math.max(scale, Math.abs(expected[index]!));
  }
  return found.length === expected.length ? worst / scale : Infinity;
}

export function expectClose(found: ArrayLike<number>, expected: ArrayLike<number>, what = ''): void {
  expect(relativeError(found, expected), what).toBeLessThan(tolerances.float32Compiled);
}

/** Each parameter by itself: a small one must not hide behind a large one. */
export function expectEachParameterClose(network: Network, found: Tensor, expected: Tensor): void {
  const [a, b] = [numbersOf(found), numbersOf(expected)];
  for (let start = 0; start < b.length; start += network.parameterCount) {
    for (const { name, offset, shape } of network.parameters) {
      const range = [start + offset, start + offset + elementCount(shape)] as const;
      expectClose(a.slice(...range), b.slice(...range), name);
    }
  }
}

/** Bit for bit, without the cost of comparing element by element in the assertion. */
export function sameBits(a: Tensor, b: Tensor): boolean {
  const bytes = ({ data }: Tensor) => Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  return bytes(a).equals(bytes(b));
}
