/** @file Many copies of a network, each with parameters of its own, on the same images: in one graph, with the copies as an axis of every value. */
import { copyPerSample } from '../../compiler/vectorize.ts';
import { Graph, shapeOf, type Value } from '../../graph/graph.ts';
import { reshape, slice } from '../../ops/build.ts';
import { elementCount } from '../../tensor/tensor.ts';
import { partsBehind, slicedParameters, type Network, type Parameters } from '../network.ts';

export interface CopiedForward {
  /** [B, N, outputs] */
  readonly output: Value;
  /** What to differentiate by, in the network's order: the part of `vectors` that each parameter is. */
  readonly parts: readonly Value[];
}

/**
 * What every copy says of the shared `images` [N, C, H, W]; `vectors` [B, p] are the copies' parameters. Throws `model-parameter-unsupported` where
 * an operator of the network cannot be done for many copies together; a single copy always can.
 */
export function forwardCopies(graph: Graph, network: Network, images: Value, vectors: Value): CopiedForward {
  if (shapeOf(vectors)[0] === 1) {
    const own = slicedParameters(graph, network, reshape(graph, vectors, [-1]));
    const { output } = network.forward(graph, images, own);
    return { output: reshape(graph, output, [1, ...shapeOf(output)]), parts: partsBehind(network, own) };
  }
  const copies = copiedParameters(graph, network, vectors);
  return { output: copiedOutput(graph, network, images, copies), parts: partsBehind(network, copies) };
}

/** The parameters cut out of vectors [B, p]: each [B, …shape]. */
function copiedParameters(graph: Graph, network: Network, vectors: Value): Parameters {
  const copies = shapeOf(vectors)[0]!;
  return new Map(
    network.parameters.map(({ name, shape, offset }) => {
      const part = slice(graph, vectors, [{ axis: 1, start: offset, end: offset + elementCount(shape) }]);
      return [name, reshape(graph, part, [copies, ...shape])];
    }),
  );
}

function copiedOutput(graph: Graph, network: Network, images: Value, parameters: Parameters): Value {
  const single = new Graph();
  const sampled = new Map<Value, Value>();
  const own = new Map(
    network.parameters.map(({ name, shape }) => {
      const stand = single.input(name, { dtype: 'float32', shape });
      sampled.set(stand, parameters.get(name)!);
      return [name, stand];
    }),
  );
  const shared = single.input('images', images.type);
  const { output } = network.forward(single, shared, own);
  return copyPerSample(graph, output, sampled, new Map([[shared, images]]));
}
