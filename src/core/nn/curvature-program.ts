/** @file Curvature of the training objective along vectors, as a program. */
import { compile } from '../compiler/compile.ts';
import type { Profile } from '../compiler/lower/lowerings.ts';
import { gaussNewtonVectorProduct, hessianVectorProduct } from '../compiler/second-order.ts';
import type { Program } from '../execution/executor.ts';
import { Graph, type Value } from '../graph/graph.ts';
import { concat, mul, reshape, slice, sum } from '../ops/build.ts';
import { crossEntropy } from './losses.ts';
import { bakedParameters, imageShape, slicedParameters, type Network, type Parameters } from './network.ts';
import type { ProgramGraph } from './training-program.ts';

export interface CurvatureOptions {
  readonly batchSize: number;
  /** m: vectors that share one pass through the network. */
  readonly vectorCount: number;
  readonly profile: Profile;
  /**
   * hessian: all of the second derivative. gaussNewton: without the curvature of the network itself; positive semidefinite. bound: the same for outputs that
   * bend the cross-entropy most, ½ in each direction; gaussNewton is nowhere larger, however certain the model is.
   */
  readonly curvature: 'hessian' | 'gaussNewton' | 'bound';
  /** The parameters where they stay what they are; else they are an input. */
  readonly frozen?: Float32Array;
}

/**
 * Feeds: `images` [B,C,H,W], `targets` one-hot [B,K], `sampleWeights` [B] (0 for the padding of a last batch), `parameters` [p] unless they are
 * frozen, `vectors` [m,p]. Fetches: `products` [m,p], the curvature of Σ wᵢ·lossᵢ times each vector: those of several batches add up.
 */
export function curvatureProgram(network: Network, options: CurvatureOptions): Program {
  const { graph, outputs } = curvatureGraph(network, options);
  return compile(graph, outputs, { profile: options.profile });
}

/** The same before compilation. */
export function curvatureGraph(
  network: Network,
  { batchSize, vectorCount, curvature, frozen }: Omit<CurvatureOptions, 'profile'>,
): ProgramGraph {
  const graph = new Graph();
  const input = (name: string, shape: readonly number[]): Value =>
    graph.input(name, { dtype: 'float32', shape });
  const size = network.parameterCount;
  const images = input('images', imageShape(network, batchSize));
  const targets = input('targets', [batchSize, network.outputCount]);
  const sampleWeights = input('sampleWeights', [batchSize]);
  const parameters =
    frozen === undefined
      ? slicedParameters(graph, network, input('parameters', [size]))
      : bakedParameters(graph, network, frozen);
  const vectors = input('vectors', [vectorCount, size]);
  const { output: logits } = network.forward(graph, images, parameters);
  const losses =
    curvature === 'bound'
      ? mul(graph, sum(graph, mul(graph, logits, logits), { axes: [1] }), 0.25)
      : crossEntropy(graph, logits, targets);
  const loss = sum(graph, mul(graph, losses, sampleWeights));
  const values = inOrder(network, parameters);
  const products = Array.from({ length: vectorCount }, (_, index) => {
    const row = slice(graph, vectors, [{ axis: 0, start: index, end: index + 1 }]);
    const vector = inOrder(network, slicedParameters(graph, network, reshape(graph, row, [size])));
    const product =
      curvature === 'hessian'
        ? hessianVectorProduct(graph, loss, values, vector)
        : gaussNewtonVectorProduct(graph, { loss, output: logits }, values, vector);
    return concat(
      graph,
      product.map((part) => reshape(graph, part, [1, -1])),
      1,
    );
  });
  return { graph, outputs: { products: concat(graph, products, 0) } };
}

function inOrder({ parameters }: Network, values: Parameters): Value[] {
  return parameters.map(({ name }) => values.get(name)!);
}
