/** @file Curvature of the training objective along a vector, as a program. */
import { compile } from '../compiler/compile.ts';
import type { Profile } from '../compiler/lower/lowerings.ts';
import { gaussNewtonVectorProduct, hessianVectorProduct } from '../compiler/second-order.ts';
import type { Program } from '../execution/executor.ts';
import { Graph, type Value } from '../graph/graph.ts';
import { concat, mul, reshape, sum } from '../ops/build.ts';
import { crossEntropy } from './losses.ts';
import { imageShape, slicedParameters, type Network, type Parameters } from './network.ts';
import type { ProgramGraph } from './training-program.ts';

export interface CurvatureOptions {
  readonly batchSize: number;
  readonly profile: Profile;
  /** hessian: all of the second derivative. gaussNewton: without the curvature of the network itself; positive semidefinite. */
  readonly curvature: 'hessian' | 'gaussNewton';
}

/**
 * Feeds: `images` [B,C,H,W], `targets` one-hot [B,K], `sampleWeights` [B] (0 for the padding of a last batch), `parameters` [p], `vector` [p].
 * Fetches: `product` [p], the curvature of Σ wᵢ·lossᵢ times the vector: those of several batches add up.
 */
export function curvatureProgram(network: Network, options: CurvatureOptions): Program {
  const { graph, outputs } = curvatureGraph(network, options);
  return compile(graph, outputs, { profile: options.profile });
}

/** The same before compilation. */
export function curvatureGraph(
  network: Network,
  { batchSize, curvature }: Omit<CurvatureOptions, 'profile'>,
): ProgramGraph {
  const graph = new Graph();
  const input = (name: string, shape: readonly number[]): Value =>
    graph.input(name, { dtype: 'float32', shape });
  const images = input('images', imageShape(network, batchSize));
  const targets = input('targets', [batchSize, network.outputCount]);
  const sampleWeights = input('sampleWeights', [batchSize]);
  const parameters = slicedParameters(graph, network, input('parameters', [network.parameterCount]));
  const vector = inOrder(
    network,
    slicedParameters(graph, network, input('vector', [network.parameterCount])),
  );
  const { logits } = network.forward(graph, images, parameters);
  const loss = sum(graph, mul(graph, crossEntropy(graph, logits, targets), sampleWeights));
  const values = inOrder(network, parameters);
  const product =
    curvature === 'hessian'
      ? hessianVectorProduct(graph, loss, values, vector)
      : gaussNewtonVectorProduct(graph, { loss, output: logits }, values, vector);
  const flat = product.map((part) => reshape(graph, part, [-1]));
  return { graph, outputs: { product: concat(graph, flat, 0) } };
}

function inOrder({ parameters }: Network, values: Parameters): Value[] {
  return parameters.map(({ name }) => values.get(name)!);
}
