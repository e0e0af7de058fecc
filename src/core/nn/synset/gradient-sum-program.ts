/** @file The summed gradient of some images at parameters that are fed. */
import { compile } from '../../compiler/compile.ts';
import type { Profile } from '../../compiler/lower/lowerings.ts';
import type { Program } from '../../execution/executor.ts';
import { Graph, type Value } from '../../graph/graph.ts';
import { mul, sum } from '../../ops/build.ts';
import { crossEntropy } from '../losses.ts';
import { imageShape, slicedParameters, type Network } from '../network.ts';
import { flatGradient } from '../training-program.ts';

/**
 * Feeds: `images` [B,C,H,W], `targets` one-hot [B,K], `sampleWeights` [B] (0 for the padding of a last batch), `parameters` [p]. Fetches: `gradient` [p] of
 * Σ wᵢ·lossᵢ.
 */
export function gradientSumProgram(network: Network, batchSize: number, profile: Profile): Program {
  const graph = new Graph();
  const input = (name: string, shape: readonly number[]): Value =>
    graph.input(name, { dtype: 'float32', shape });
  const images = input('images', imageShape(network, batchSize));
  const targets = input('targets', [batchSize, network.outputCount]);
  const sampleWeights = input('sampleWeights', [batchSize]);
  const parameters = slicedParameters(graph, network, input('parameters', [network.parameterCount]));
  const { output } = network.forward(graph, images, parameters);
  const loss = sum(graph, mul(graph, crossEntropy(graph, output, targets), sampleWeights));
  return compile(graph, { gradient: flatGradient(graph, network, loss, parameters) }, { profile });
}
