/** @file Low-rank adapters (Hu et al. 2022): W + U·D in place of W, with D [r, b] and U [a, r] trained and W frozen. */
import { Random } from '../../core/base/random.ts';
import { shapeOf, type Graph, type Value } from '../../core/graph/graph.ts';
import type { Parameters, ParameterSpec } from '../../core/nn/network.ts';
import { add, matMul, reshape } from '../../core/ops/build.ts';
import { elementCount, type Shape } from '../../core/tensor/tensor.ts';

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

/** The weight with its adapters, in its own shape; as it is where it has none. */
export function adapted(graph: Graph, name: string, weight: Value, parameters: Parameters): Value {
  const down = parameters.get(`${name}.lora-down`);
  const up = parameters.get(`${name}.lora-up`);
  if (down === undefined || up === undefined) return weight;
  return add(graph, weight, reshape(graph, matMul(graph, up, down), shapeOf(weight)));
}
