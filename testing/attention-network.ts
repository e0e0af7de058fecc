/**
 * @file A small vision transformer as a network, with every kind of parameter: patches, class token, positions, attention in both layouts, grouped
 * and depthwise convolutions, normalisations, a weight used twice, and a low-rank adapter.
 */
import { Random } from '../src/core/base/random.ts';
import { Graph, type Value } from '../src/core/graph/graph.ts';
import { layOutParameters, type Forward, type Network, type Parameters } from '../src/core/nn/network.ts';
import {
  add,
  concat,
  conv,
  expand,
  layerNorm,
  matMul,
  mul,
  relu,
  reshape,
  slice,
  tanh,
  transpose,
} from '../src/core/ops/build.ts';
import { present } from '../src/core/base/assert.ts';
import { elementCount, tensorOf, type Shape } from '../src/core/tensor/tensor.ts';
import { batchFirstAttention, linear, sequenceFirstAttention, type LayerSite } from './sample-graphs.ts';

const inputShape = [2, 8, 8] as const;
const WIDTH = 4;

export function makeAttentionNetwork(): Network {
  const found: { name: string; shape: Shape }[] = [];
  const graph = new Graph();
  const images = graph.input('images', { dtype: 'float32', shape: [1, ...inputShape] });
  const parameter = (name: string, ...shape: number[]): Value => {
    found.push({ name, shape });
    return graph.input(name, { dtype: 'float32', shape });
  };
  run({ graph, parameter }, images);
  const { parameters, parameterCount } = layOutParameters(found);
  return {
    inputShape,
    outputCount: 3,
    parameters,
    parameterCount,
    dropouts: [],
    initialParameters: (seed) => {
      const random = new Random(seed, 'attention network');
      return new Float32Array(parameterCount).map(() => 0.4 * random.normal());
    },
    forward: (into, pictures, values) => run({ graph: into, parameter: reader(values) }, pictures),
  };
}

const reader =
  (values: Parameters) =>
  (name: string, ...shape: number[]): Value => {
    const value = present(values.get(name), name);
    if (elementCount(value.type.shape) !== elementCount(shape)) throw new Error(`${name} has another shape`);
    return value;
  };

function run(site: LayerSite, images: Value): Forward {
  const { graph, parameter } = site;
  const batch = images.type.shape[0]!;
  const strided = conv(graph, images, parameter('patches', WIDTH, 2, 4, 4), {
    stride: 4,
    bias: parameter('patches.bias', WIDTH),
  });
  const grouped = conv(graph, strided, parameter('grouped', WIDTH, 2, 1, 1), { group: 2 });
  const depthwise = conv(graph, relu(graph, grouped), parameter('depthwise', WIDTH, 1, 3, 3), {
    group: WIDTH,
    pads: 1,
  });
  const patches = transpose(graph, reshape(graph, depthwise, [batch, WIDTH, 4]), [0, 2, 1]);
  const token = expand(graph, parameter('token', 1, 1, WIDTH), [batch, 1, WIDTH]);
  const placed = add(graph, concat(graph, [token, patches], 1), parameter('positions', 1, 5, WIDTH));
  const normal = layerNorm(graph, placed, parameter('norm.scale', WIDTH), parameter('norm.shift', WIDTH));
  const seen = add(graph, placed, batchFirstAttention(site, normal, 2));
  const turned = transpose(graph, seen, [1, 0, 2]);
  const again = transpose(graph, sequenceFirstAttention(site, turned, 2), [1, 0, 2]);
  const first = reshape(graph, slice(graph, again, [{ axis: 1, start: 0, end: 1 }]), [batch, WIDTH]);
  const shared = parameter('shared', WIDTH, WIDTH);
  const once = tanh(graph, matMul(graph, first, shared));
  const embedding = tanh(graph, matMul(graph, once, shared, { transposeB: true }));
  // A low-rank addition to a frozen weight.
  const weights = Array.from({ length: WIDTH ** 2 }, (_, at) => (at % 5) / 5);
  const frozen = graph.constant(tensorOf(images.type.dtype, [WIDTH, WIDTH], weights));
  const low = matMul(graph, parameter('adapter.up', WIDTH, 2), parameter('adapter.down', 2, WIDTH));
  const adapted = matMul(graph, embedding, add(graph, frozen, mul(graph, low, 0.5)), { transposeB: true });
  return { embedding, output: linear(site, adapted, 'head', 3) };
}
