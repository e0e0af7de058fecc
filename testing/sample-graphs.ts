/** @file Small graphs, one per way in which a model's parameters meet a batch, to hold per-sample gradients against one sample at a time. */
import { Random } from '../src/core/base/random.ts';
import { Graph, shapeOf, type Value } from '../src/core/graph/graph.ts';
import {
  add,
  alongChannels,
  concat,
  conv,
  convGeometry,
  convInputGradient,
  div,
  exp,
  expand,
  flatten,
  gather,
  globalAveragePool,
  groupNorm,
  layerNorm,
  matMul,
  maximum,
  maxPool,
  mul,
  pow,
  relu,
  reshape,
  slice,
  softmax,
  sum,
  tanh,
  transpose,
  transposeLast,
  where,
  greater,
  mean,
  sub,
} from '../src/core/ops/build.ts';
import { elementCount, tensorOf, type Shape, type Tensor } from '../src/core/tensor/tensor.ts';

/** What layers are built with. */
export interface LayerSite {
  readonly graph: Graph;
  readonly parameter: (name: string, ...shape: number[]) => Value;
}

/** What a graph of the zoo is built with. */
export interface SampleGraph extends LayerSite {
  readonly batchSize: number;
  /** An input with one sample per row. */
  readonly batched: (name: string, ...shape: number[]) => Value;
  /** The same of int64 below a bound. */
  readonly indices: (name: string, below: number, ...shape: number[]) => Value;
}

type Build = (site: SampleGraph) => Value;

/** Scaled so that nothing saturates. */
export function linear({ graph, parameter }: LayerSite, x: Value, name: string, outputs: number): Value {
  const weight = parameter(`${name}.weight`, outputs, shapeOf(x).at(-1)!);
  return add(graph, matMul(graph, x, weight, { transposeB: true }), parameter(`${name}.bias`, outputs));
}

/** [B, T, E] as exported with the batch first: heads split off, moved, and folded back. */
export function batchFirstAttention(site: LayerSite, x: Value, heads: number): Value {
  const { graph } = site;
  const [batch, tokens, width] = shapeOf(x) as [number, number, number];
  const split = reshape(graph, linear(site, x, 'qkv', 3 * width), [batch, tokens, 3, heads, width / heads]);
  const parts = transpose(graph, split, [2, 0, 3, 1, 4]);
  const [q, k, v] = [0, 1, 2].map((part) => {
    const taken = slice(graph, parts, [{ axis: 0, start: part, end: part + 1 }]);
    return reshape(graph, taken, [batch, heads, tokens, width / heads]);
  }) as [Value, Value, Value];
  const weights = softmax(graph, matMul(graph, q, transposeLast(graph, k)));
  const mixed = transpose(graph, matMul(graph, weights, v), [0, 2, 1, 3]);
  return linear(site, reshape(graph, mixed, [batch, tokens, width]), 'projection', width);
}

/** [T, B, E] as PyTorch's MultiheadAttention runs: samples and heads folded into one axis; one weight, sliced in three. */
export function sequenceFirstAttention(site: LayerSite, x: Value, heads: number): Value {
  const { graph, parameter } = site;
  const [tokens, batch, width] = shapeOf(x) as [number, number, number];
  const weight = parameter('in.weight', 3 * width, width);
  const bias = parameter('in.bias', 3 * width);
  const [q, k, v] = [0, 1, 2].map((part) => {
    const rows = { axis: 0, start: part * width, end: (part + 1) * width };
    const product = matMul(graph, x, slice(graph, weight, [rows]), { transposeB: true });
    const shifted = add(graph, product, slice(graph, bias, [rows]));
    const folded = reshape(graph, shifted, [tokens, batch * heads, width / heads]);
    return transpose(graph, folded, [1, 0, 2]);
  }) as [Value, Value, Value];
  const weights = softmax(graph, matMul(graph, q, transposeLast(graph, k)));
  const mixed = transpose(graph, matMul(graph, weights, v), [1, 0, 2]);
  return linear(site, reshape(graph, mixed, [tokens, batch, width]), 'out', width);
}

/** Attention within windows of 2 × 2 of a 4 × 4 map, windows folded into the batch axis, with a bias per head and position. */
function windowedAttention(site: LayerSite, x: Value): Value {
  const { graph, parameter } = site;
  const [batch, , , width] = shapeOf(x) as [number, number, number, number];
  const cut = transpose(graph, reshape(graph, x, [batch, 2, 2, 2, 2, width]), [0, 1, 3, 2, 4, 5]);
  const windows = reshape(graph, cut, [batch * 4, 4, width]);
  const [q, k, v] = ['q', 'k', 'v'].map((name) => linear(site, windows, name, width)) as [
    Value,
    Value,
    Value,
  ];
  const table = parameter('positions', 5);
  const pattern = graph.constant(tensorOf('int64', [4, 4], [0, 1, 2, 3, 1, 0, 3, 2, 4, 3, 0, 1, 3, 4, 1, 0]));
  const scores = add(graph, matMul(graph, q, transposeLast(graph, k)), gather(graph, table, pattern));
  const mask = parameter('mask', 4, 1, 1);
  const perWindow = add(graph, reshape(graph, scores, [batch, 4, 4, 4]), mask);
  const weights = softmax(graph, reshape(graph, perWindow, [batch * 4, 4, 4]));
  const mixed = reshape(graph, matMul(graph, weights, v), [batch, 2, 2, 2, 2, width]);
  return reshape(graph, transpose(graph, mixed, [0, 1, 3, 2, 4, 5]), [batch, 16, width]);
}

/** One number per sample, to which every element contributes differently. */
export function score({ graph, batchSize }: SampleGraph, value: Value): Value {
  const rows = flatten(graph, tanh(graph, value));
  const random = new Random(3, 'weights of the score');
  const weights = Array.from({ length: shapeOf(rows)[1]! }, () => random.normal());
  const column = graph.constant(tensorOf('float64', [shapeOf(rows)[1]!, 1], weights));
  return reshape(graph, matMul(graph, rows, column), [batchSize]);
}

const scored =
  (build: Build): Build =>
  (site) =>
    score(site, build(site));

/** Each gives [B]. */
export const sampleGraphs = {
  'dense layers': scored((site) =>
    linear(site, relu(site.graph, linear(site, site.batched('x', 5), 'first', 4)), 'second', 3),
  ),
  'matrix products on either side': scored((site) => {
    const { graph, batched, parameter } = site;
    const x = batched('x', 3, 4);
    const left = matMul(graph, parameter('left', 3, 5), x, { transposeA: true });
    const stack = matMul(graph, reshape(graph, left, [-1, 1, 5, 4]), parameter('stack', 2, 4, 3));
    const turned = matMul(graph, parameter('turned', 6, 5), stack);
    // [B, 2, 6, 3] with its last two axes crossed.
    return matMul(graph, turned, parameter('last', 2, 6), { transposeA: true, transposeB: true });
  }),
  convolutions: scored(({ graph, batched, parameter }) => {
    const x = batched('x', 4, 6, 5);
    const strided = conv(graph, x, parameter('strided', 6, 4, 3, 2), {
      stride: [2, 1],
      dilation: [1, 2],
      pads: [1, 0, 1, 2],
      bias: parameter('strided.bias', 6),
    });
    const grouped = conv(graph, relu(graph, strided), parameter('grouped', 4, 3, 2, 2), {
      group: 2,
      pads: 1,
    });
    return conv(graph, grouped, parameter('depthwise', 4, 1, 3, 3), {
      group: 4,
      bias: parameter('depthwise.bias', 4),
    });
  }),
  'transposed convolution': scored(({ graph, batched, parameter, batchSize }) =>
    convInputGradient(
      graph,
      batched('x', 3, 3, 3),
      parameter('weight', 3, 2, 2, 2),
      convGeometry({ stride: 2 }),
      [batchSize, 2, 6, 6],
    ),
  ),
  'convolution of folded frames': scored(({ graph, batched, parameter, batchSize }) => {
    const frames = reshape(graph, batched('x', 3, 2, 4, 4), [batchSize * 3, 2, 4, 4]);
    const maps = conv(graph, frames, parameter('weight', 2, 2, 3, 3), { bias: parameter('bias', 2) });
    return reshape(graph, maps, [batchSize, 3, 2, 2, 2]);
  }),
  'attention, batch first': scored((site) => batchFirstAttention(site, site.batched('x', 3, 4), 2)),
  'attention, sequence first': scored((site) => {
    const { graph } = site;
    const tokens = transpose(graph, site.batched('x', 3, 4), [1, 0, 2]);
    return transpose(graph, sequenceFirstAttention(site, tokens, 2), [1, 0, 2]);
  }),
  'attention in windows': scored((site) => windowedAttention(site, site.batched('x', 4, 4, 3))),
  'class token and positions': scored((site) => {
    const { graph, batched, parameter, batchSize } = site;
    const token = expand(graph, parameter('token', 1, 1, 4), [batchSize, 1, 4]);
    const tokens = add(graph, concat(graph, [token, batched('x', 3, 4)], 1), parameter('positions', 1, 4, 4));
    const seen = batchFirstAttention(site, tokens, 2);
    return slice(graph, seen, [{ axis: 1, start: 0, end: 1 }]);
  }),
  'class token, sequence first and moved about': scored((site) => {
    const { graph, batched, parameter, batchSize } = site;
    const token = transpose(
      graph,
      expand(graph, reshape(graph, parameter('token', 4), [1, 1, 4]), [batchSize, 1, 4]),
      [1, 0, 2],
    );
    const tokens = concat(graph, [token, transpose(graph, batched('x', 3, 4), [1, 0, 2])], 0);
    return transpose(graph, sequenceFirstAttention(site, tokens, 2), [1, 0, 2]);
  }),
  'embedding table': scored(({ graph, indices, parameter }) => {
    const rows = gather(graph, parameter('table', 6, 3), indices('words', 6, 4));
    const columns = gather(graph, parameter('columns', 2, 5, 2), indices('places', 5, 3), 1);
    return concat(graph, [flatten(graph, rows), flatten(graph, transpose(graph, columns, [1, 0, 2, 3]))], 1);
  }),
  normalisations: scored(({ graph, batched, parameter }) => {
    const x = batched('x', 4, 3, 3);
    const grouped = groupNorm(graph, x, parameter('group.scale', 4), parameter('group.shift', 4), 2);
    const instance = groupNorm(
      graph,
      tanh(graph, grouped),
      parameter('instance.scale', 4),
      parameter('instance.shift', 4),
      4,
    );
    const frozen = mul(graph, instance, alongChannels(graph, parameter('batch.scale', 4), 4));
    return layerNorm(graph, frozen, parameter('layer.scale', 3), parameter('layer.shift', 3));
  }),
  'one weight used three times, once transposed': scored((site) => {
    const { graph, batched, parameter } = site;
    const weight = parameter('weight', 4, 4);
    const once = tanh(graph, matMul(graph, batched('x', 4), weight));
    const twice = tanh(graph, matMul(graph, once, weight, { transposeB: true }));
    return matMul(graph, twice, transpose(graph, weight, [1, 0]));
  }),
  'broadcasting operators': scored(({ graph, batched, parameter }) => {
    const x = exp(graph, mul(graph, batched('x', 2, 3), 0.1));
    const powered = pow(graph, add(graph, x, 1), parameter('exponent', 3));
    const divided = div(
      graph,
      sub(graph, parameter('minuend', 2, 1), powered),
      exp(graph, parameter('divisor')),
    );
    const highest = maximum(graph, divided, parameter('floor', 1, 3));
    return where(graph, greater(graph, x, 1), highest, parameter('other', 3));
  }),
  'parameters derived from others': scored(({ graph, batched, parameter }) => {
    const x = batched('x', 4);
    // Weight normalisation, a low-rank addition, a bias looked up and joined from two.
    const direction = parameter('direction', 3, 4);
    const norm = pow(graph, sum(graph, mul(graph, direction, direction), { axes: [1], keepDims: true }), 0.5);
    const weight = mul(graph, div(graph, direction, norm), parameter('length', 3, 1));
    const low = matMul(graph, parameter('up', 3, 2), parameter('down', 2, 4));
    const hidden = matMul(graph, x, add(graph, weight, mul(graph, low, 0.5)), { transposeB: true });
    const order = graph.constant(tensorOf('int64', [2], [1, 1]));
    const bias = concat(graph, [gather(graph, parameter('looked.up', 3), order), parameter('joined', 1)], 0);
    const scaled = add(graph, hidden, mean(graph, softmax(graph, mul(graph, bias, 2)), { keepDims: true }));
    return add(graph, scaled, bias);
  }),
  'pooling and a residual block': scored((site) => {
    const { graph, batched, parameter } = site;
    const x = conv(graph, batched('x', 2, 4, 4), parameter('first', 3, 2, 3, 3), { pads: 1 });
    const block = add(graph, x, conv(graph, relu(graph, x), parameter('second', 3, 3, 3, 3), { pads: 1 }));
    return linear(site, flatten(graph, globalAveragePool(graph, maxPool(graph, block, 2))), 'head', 2);
  }),
} satisfies Record<string, Build>;

export type SampleGraphName = keyof typeof sampleGraphs;

export interface BuiltGraph {
  readonly graph: Graph;
  readonly outputs: Value;
  readonly batched: readonly Value[];
  readonly parameters: ReadonlyMap<string, Value>;
  readonly feeds: Record<string, Tensor>;
}

/** Row n of every input is drawn for sample `rows[n]`, so that batches can be cut and reordered. */
export function buildSampleGraph(name: SampleGraphName, rows: readonly number[]): BuiltGraph {
  return buildWith(sampleGraphs[name], rows);
}

/** The same for a graph of one's own. */
export function buildWith(build: Build, rows: readonly number[]): BuiltGraph {
  const graph = new Graph();
  const batched: Value[] = [];
  const parameters = new Map<string, Value>();
  const feeds: Record<string, Tensor> = {};
  const batchSize = rows.length;
  const feed = (
    input: string,
    shape: number[],
    draw: (row: number) => number[],
    dtype: 'float64' | 'int64',
  ) => {
    feeds[input] = tensorOf(dtype, [batchSize, ...shape], rows.flatMap(draw));
    const value = graph.input(input, { dtype, shape: [batchSize, ...shape] });
    batched.push(value);
    return value;
  };
  const outputs = build({
    graph,
    batchSize,
    batched: (input, ...shape) =>
      feed(input, shape, (row) => drawFloats(shape, `${input}/${row}`), 'float64'),
    indices: (input, below, ...shape) =>
      feed(
        input,
        shape,
        (row) => {
          const random = new Random(row, input);
          return Array.from({ length: elementCount(shape) }, () => random.integer(below));
        },
        'int64',
      ),
    parameter: (parameter, ...shape) => {
      const value = graph.constant(tensorOf('float64', shape, drawFloats(shape, parameter)), parameter);
      parameters.set(parameter, value);
      return value;
    },
  });
  return { graph, outputs, batched, parameters, feeds };
}

function drawFloats(shape: Shape, name: string, seed = 1): number[] {
  const random = new Random(seed, name);
  return Array.from({ length: elementCount(shape) }, () => 0.7 * random.normal());
}
