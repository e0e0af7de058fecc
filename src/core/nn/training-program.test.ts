import { describe, expect, it } from 'vitest';
import { interpret } from '../execution/reference-interpreter.ts';
import { flatten, matMul, reshape, transpose } from '../ops/build.ts';
import { numbersOf, tensorOf } from '../tensor/tensor.ts';
import type { Network } from './network.ts';
import { trainingGraph } from './training-program.ts';

/** Linear in two pixels; with its weight as it is, or kept in another shape, as model files may have it. */
function linear(shape: readonly number[]): Network {
  return {
    inputShape: [1, 1, 2],
    outputCount: 3,
    parameters: [
      { name: 'unused', shape: [2], offset: 0 },
      { name: 'weight', shape, offset: 2 },
    ],
    parameterCount: 8,
    dropouts: [],
    initialParameters: () => new Float32Array(8),
    forward: (graph, images, parameters) => {
      const rows = flatten(graph, images);
      const weight = reshape(graph, parameters.get('weight')!, [2, 3]);
      return { output: matMul(graph, rows, transpose(graph, weight, [0, 1])), embedding: rows };
    },
  };
}

function stepOf(network: Network): Float64Array {
  const options = { batchSize: 2, optimizer: 'sgd', momentum: 0, weightDecay: 0 } as const;
  const { graph, outputs } = trainingGraph(network, options);
  const wide = (shape: readonly number[], numbers: readonly number[]) => tensorOf('float64', shape, numbers);
  const [gradient] = interpret(graph, [outputs['optimizerState']!], {
    images: wide([2, 1, 1, 2], [1, -2, 0.5, 3]),
    targets: wide([2, 3], [1, 0, 0, 0, 0, 1]),
    sampleWeights: wide([2], [1, 1]),
    parameters: wide([8], [9, 9, 0.1, -0.2, 0.3, 0.4, 0.5, -0.6]),
    optimizerState: wide([8], new Array<number>(8).fill(0)),
    learningRate: wide([1], [1]),
    step: wide([1], [1]),
  });
  return numbersOf(gradient!);
}

describe('a training step', () => {
  it('moves a parameter that the network reshapes, and leaves one that it does not use', () => {
    const reshaped = stepOf(linear([3, 2]));
    expect(reshaped).toEqual(stepOf(linear([2, 3])));
    expect([...reshaped.subarray(0, 2)]).toEqual([0, 0]);
    expect(Math.min(...reshaped.subarray(2).map(Math.abs))).toBeGreaterThan(0);
  });
});
