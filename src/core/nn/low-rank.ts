/**
 * @file Low-rank adapters (Hu et al. 2022): W + s·U·D in place of W, with D [r, b] and U [a, r] trained and W frozen. Of a convolution's weight
 * [O, C, kh, kw], seen as a matrix [O, C·kh·kw], that is a convolution to r channels and one of 1×1 behind it.
 */
import { Random } from '../base/random.ts';
import { shapeOf, type Graph, type Value } from '../graph/graph.ts';
import { add, matMul, mul, reshape } from '../ops/build.ts';
import { elementCount, float32, type Shape } from '../tensor/tensor.ts';
import { layOutParameters, type Network, type Parameters, type ParameterSpec } from './network.ts';

type Adapter = Omit<ParameterSpec, 'offset'>;

/** The adapters of a weight seen as a matrix [first extent, the rest]; none where it is a vector. */
export function adaptersOf(name: string, shape: Shape, rank: number): Adapter[] {
  if (shape.length < 2) return [];
  const [rows, columns] = [shape[0]!, elementCount(shape.slice(1))];
  const used = Math.min(rank, rows, columns);
  return [
    { name: `${name}.lora-down`, shape: [used, columns] },
    { name: `${name}.lora-up`, shape: [rows, used] },
  ];
}

/** U starts at zero, so that the adapted model begins as the model it adapts. */
export function initialAdapter({ name, shape }: Adapter, seed: number): Float32Array {
  const values = new Float32Array(elementCount(shape));
  if (name.endsWith('.lora-up')) return values;
  const random = new Random(seed, `initial/${name}`);
  const deviation = 1 / Math.sqrt(shape[1]!);
  return values.map(() => random.normal() * deviation);
}

/** The weight with its adapters times `scale`, in its own shape; as it is where it has none. */
export function adapted(graph: Graph, name: string, weight: Value, parameters: Parameters, scale = 1): Value {
  const down = parameters.get(`${name}.lora-down`);
  const up = parameters.get(`${name}.lora-up`);
  if (down === undefined || up === undefined) return weight;
  const change = mul(graph, matMul(graph, up, down), scale);
  return add(graph, weight, reshape(graph, change, shapeOf(weight)));
}

/** s = α/r with α = 2r, as in the experiments of Hu et al. */
const SCALE = 2;

/**
 * The network with adapters on all of its matrices and kernels. Its parameters are those of the adapters; `readFrozen` gives the network's own,
 * which are constants of every program.
 */
export function withAdapters(network: Network, rank: number, readFrozen: () => Float32Array): Network {
  const { parameters, parameterCount } = layOutParameters(
    network.parameters.flatMap(({ name, shape }) => adaptersOf(name, shape, rank)),
  );
  return {
    ...network,
    parameters,
    parameterCount,
    initialParameters: (seed) => {
      const vector = new Float32Array(parameterCount);
      for (const parameter of parameters) vector.set(initialAdapter(parameter, seed), parameter.offset);
      return vector;
    },
    forward: (graph, images, values, options) => {
      const frozen = readFrozen();
      const weights = network.parameters.map(({ name, shape, offset }): [string, Value] => {
        const weight = graph.constant(float32(shape, frozen.subarray(offset, offset + elementCount(shape))));
        return [name, adapted(graph, name, weight, values, SCALE)];
      });
      return network.forward(graph, images, new Map(weights), options);
    },
  };
}
