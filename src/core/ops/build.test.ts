import { describe, expect, it } from 'vitest';
import { Graph, nodesReaching, type Value } from '../graph/graph.ts';
import type { DType, Shape } from '../tensor/tensor.ts';
import {
  add,
  batchNorm,
  cast,
  concat,
  div,
  exp,
  expand,
  flip,
  gelu,
  groupNorm,
  int64Constant,
  layerNorm,
  logSoftmax,
  matMul,
  mul,
  neg,
  onesLike,
  pad,
  pow,
  relu,
  reshape,
  scalar,
  silu,
  slice,
  softmax,
  sub,
  sum,
  sumToShape,
  transpose,
  transposeLast,
} from './build.ts';
import { interpret } from '../execution/reference-interpreter.ts';
import { tensorOf } from '../tensor/tensor.ts';

function start(shape: Shape, dtype: DType = 'float64'): { graph: Graph; x: Value } {
  const graph = new Graph();
  return { graph, x: graph.input('x', { dtype, shape }) };
}

function run(graph: Graph, value: Value, x: readonly number[], shape: Shape): number[] {
  return Array.from(interpret(graph, [value], { x: tensorOf('float64', shape, x) })[0]!.data, Number);
}

describe('graph building', () => {
  it('shares equal nodes on equal inputs', () => {
    const { graph, x } = start([2, 3]);
    expect(exp(graph, relu(graph, x))).toBe(exp(graph, relu(graph, x)));
    expect(sum(graph, x, { axes: [-1] })).toBe(sum(graph, x, { axes: [1] }));
    expect(graph.nodes.map((node) => node.op)).toEqual(['Relu', 'Exp', 'ReduceSum']);
  });

  it('tells nodes apart that differ in an attribute only, also in infinite ones', () => {
    const { graph, x } = start([2]);
    const [low, high] = [-Infinity, Infinity].map((value) => pad(graph, x, [1], [0], value));
    expect(low).not.toBe(high);
    expect(run(graph, low!, [1, 2], [2])).toEqual([-Infinity, 1, 2]);
  });

  it('shares small constants by content, but keeps −0 from 0 and named ones to themselves', () => {
    const graph = new Graph();
    expect(scalar(graph, 2)).toBe(scalar(graph, 2));
    expect(scalar(graph, 2)).not.toBe(scalar(graph, 2, 'float64'));
    expect(scalar(graph, 0)).not.toBe(scalar(graph, -0));
    const tensor = tensorOf('float32', [1], [5]);
    expect(graph.constant(tensor, 'weight')).not.toBe(graph.constant(tensor));
  });

  it('folds steps that do nothing', () => {
    const { graph, x } = start([2, 3, 4]);
    const idle = [
      add(graph, x, 0),
      add(graph, 0, x),
      sub(graph, x, 0),
      mul(graph, x, 1),
      mul(graph, onesLike(graph, x), x),
      mul(graph, graph.constant(tensorOf('float64', [4], [1, 1, 1, 1])), x),
      add(graph, x, graph.constant(tensorOf('float64', [3, 1], [0, 0, 0]))),
      div(graph, x, 1),
      pow(graph, x, 1),
      neg(graph, neg(graph, x)),
      cast(graph, x, 'float64'),
      reshape(graph, reshape(graph, x, [6, 4]), [2, 3, 4]),
      transposeLast(graph, transposeLast(graph, x)),
      transpose(graph, transpose(graph, x, [1, 2, 0]), [2, 0, 1]),
      expand(graph, x, [2, 3, 4]),
      slice(graph, x, [{ axis: 1 }]),
      pad(graph, x, [0, 0, 0], [0, 0, 0]),
      concat(graph, [x], 1),
      sum(graph, x, { axes: [] }),
      sumToShape(graph, x, [2, 3, 4]),
    ];
    for (const value of idle) expect(value).toBe(x);
  });

  it('keeps a neutral element that changes the shape', () => {
    const { graph, x } = start([3]);
    const wide = graph.constant(tensorOf('float64', [1, 1], [1]));
    expect(mul(graph, x, wide).type.shape).toEqual([1, 3]);
  });

  it('spreads over an axis where zeros of that extent are added', () => {
    const { graph, x } = start([3]);
    const spread = add(graph, x, graph.constant(tensorOf('float64', [2, 1], [0, 0])));
    expect(spread).toBe(expand(graph, x, [2, 3]));
  });

  it('lets operators broadcast by themselves instead of expanding first', () => {
    const { graph, x } = start([2, 1]);
    const whole = relu(graph, expand(graph, x, [2, 3]));
    const product = mul(graph, expand(graph, x, [2, 3]), whole);
    expect(product.source.kind === 'node' && product.source.node.inputs[0]).toBe(x);
    expect(product.type.shape).toEqual([2, 3]);
    const both = mul(graph, expand(graph, x, [2, 3]), expand(graph, neg(graph, x), [2, 3]));
    expect(both.type.shape).toEqual([2, 3]);
  });

  it('resolves an open extent, negative axes and Python-like ranges', () => {
    const { graph, x } = start([2, 6]);
    expect(reshape(graph, x, [4, -1]).type.shape).toEqual([4, 3]);
    const elements = Array.from({ length: 12 }, (_, index) => index);
    expect(run(graph, slice(graph, x, [{ axis: -1, start: -3, end: -1 }]), elements, [2, 6])).toEqual([
      3, 4, 9, 10,
    ]);
    expect(run(graph, slice(graph, x, [{ axis: 1, start: 4, step: -3 }]), elements, [2, 6])).toEqual([
      4, 1, 10, 7,
    ]);
    expect(run(graph, flip(graph, x, [0]), elements, [2, 6]).slice(0, 2)).toEqual([6, 7]);
  });

  it('multiplies many matrices by one as one tall matrix', () => {
    const { graph, x } = start([5, 2, 3]);
    const product = matMul(graph, x, graph.input('w', { dtype: 'float64', shape: [3, 4] }));
    expect(product.type.shape).toEqual([5, 2, 4]);
    const multiplication = nodesReaching(graph, [product]).find((node) => node.op === 'MatMul');
    expect(multiplication?.inputs[0]!.type.shape).toEqual([10, 3]);
  });

  it('makes constants of the type of the other operand', () => {
    const { graph, x } = start([2], 'float16');
    expect(add(graph, x, 1).type.dtype).toBe('float16');
    expect(int64Constant(graph, [1, 2]).type).toEqual({ dtype: 'int64', shape: [2] });
  });
});

describe('compositions', () => {
  const near = (found: readonly number[], expected: readonly number[]) => {
    expect(found).toHaveLength(expected.length);
    found.forEach((element, index) => expect(element).toBeCloseTo(expected[index]!, 12));
  };

  it('gelu and silu take their published values', () => {
    const { graph, x } = start([3]);
    near(run(graph, gelu(graph, x), [-1, 0, 2], [3]), [-0.15865525393145707, 0, 1.9544997361036416]);
    near(run(graph, silu(graph, x), [-1, 0, 2], [3]), [-0.2689414213699951, 0, 1.7615941559557649]);
  });

  it('softmax runs over any axis, and logSoftmax is its logarithm', () => {
    const { graph, x } = start([2, 2]);
    const logarithms = [0, Math.log(3), Math.log(3), 0];
    near(run(graph, softmax(graph, x, 0), logarithms, [2, 2]), [0.25, 0.75, 0.75, 0.25]);
    near(run(graph, exp(graph, logSoftmax(graph, x)), logarithms, [2, 2]), [0.25, 0.75, 0.75, 0.25]);
  });

  it('group normalisation of one group per sample standardises the sample, then scales by channel', () => {
    const { graph, x } = start([1, 2, 1, 2]);
    const [scale, shift] = [
      [1, 10],
      [0, 5],
    ].map((vector) => graph.constant(tensorOf('float64', [2], vector)));
    const normal = groupNorm(graph, x, scale!, shift!, 1, 0);
    const unit = 1 / Math.sqrt(1.25);
    near(run(graph, normal, [1, 2, 3, 4], [1, 2, 1, 2]), [
      -1.5 * unit,
      -0.5 * unit,
      5 + 5 * unit,
      5 + 15 * unit,
    ]);
  });

  it('layer normalisation standardises each row', () => {
    const { graph, x } = start([2, 2]);
    const [scale, shift] = [2, 1].map((number) => graph.constant(tensorOf('float64', [2], [number, number])));
    near(run(graph, layerNorm(graph, x, scale!, shift!, 0), [1, 3, 10, 0], [2, 2]), [-1, 3, 3, -1]);
  });

  it('batch normalisation uses the stored statistics', () => {
    const { graph, x } = start([1, 2, 1, 1]);
    const vector = (...numbers: number[]) => graph.constant(tensorOf('float64', [2], numbers));
    const statistics = { mean: vector(1, 2), variance: vector(4, 9) };
    near(
      run(graph, batchNorm(graph, x, vector(2, 3), vector(0, 1), statistics, 0), [3, 8], [1, 2, 1, 1]),
      [2, 7],
    );
  });
});
