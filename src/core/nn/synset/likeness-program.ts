/** @file How much the gradient of each image is like a given direction: ⟨∇loss, v⟩ without forming a gradient. */
import { compile } from '../../compiler/compile.ts';
import type { Profile } from '../../compiler/lower/lowerings.ts';
import { jacobianVectorProduct } from '../../compiler/second-order.ts';
import type { Program } from '../../execution/executor.ts';
import { Graph, type Value } from '../../graph/graph.ts';
import { slice } from '../../ops/build.ts';
import { elementCount } from '../../tensor/tensor.ts';
import { crossEntropy } from '../losses.ts';
import { imageShape, partsBehind, slicedParameters, type Network } from '../network.ts';

/** Feeds: `images` [B,C,H,W], `targets` one-hot [B,K], `sampleWeights` [B] (not read), `parameters` [p], `direction` [p]. Fetches: `likenesses` [B]. */
export function likenessProgram(network: Network, batchSize: number, profile: Profile): Program {
  const graph = new Graph();
  const input = (name: string, shape: readonly number[]): Value =>
    graph.input(name, { dtype: 'float32', shape });
  const images = input('images', imageShape(network, batchSize));
  const targets = input('targets', [batchSize, network.outputCount]);
  const parameters = slicedParameters(graph, network, input('parameters', [network.parameterCount]));
  const direction = input('direction', [network.parameterCount]);
  const { output } = network.forward(graph, images, parameters);
  const losses = crossEntropy(graph, output, targets);
  const along = network.parameters.map(({ shape, offset }) =>
    slice(graph, direction, [{ axis: 0, start: offset, end: offset + elementCount(shape) }]),
  );
  const likenesses = jacobianVectorProduct(graph, losses, partsBehind(network, parameters), along);
  return compile(graph, { likenesses }, { profile });
}
