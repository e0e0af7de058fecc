import { describe, expect, it } from 'vitest';
import { drawLike, expectDifferencesToAgree, innerProduct, inputName } from '../../../testing/differences.ts';
import { tolerances } from '../../../testing/tolerances.ts';
import { Random } from '../base/random.ts';
import { interpret } from '../execution/reference-interpreter.ts';
import { Graph, type Value } from '../graph/graph.ts';
import {
  add,
  averagePool,
  constant,
  conv,
  exp,
  flatten,
  globalAveragePool,
  groupNorm,
  logSoftmax,
  matMul,
  maxPool,
  mean,
  mul,
  neg,
  relu,
  reshape,
  stopGradient,
  sum,
  tanh,
} from '../ops/build.ts';
import { verifyGraph } from '../ops/verify.ts';
import { tensorOf, type Shape, type Tensor } from '../tensor/tensor.ts';
import { gradients } from './differentiate.ts';

function numbers(tensor: Tensor): number[] {
  return Array.from(tensor.data, Number);
}

function input(graph: Graph, name: string, ...shape: number[]): Value {
  return graph.input(name, { dtype: 'float64', shape });
}

/** Convolution, group normalisation, relu, max pool, convolution, tanh, average pool, dense layer, cross-entropy. */
function makeNetwork() {
  const graph = new Graph();
  const images = input(graph, 'images', 2, 2, 6, 6);
  const shapes: Record<string, Shape> = {
    filter1: [4, 2, 3, 3],
    bias1: [4],
    scale: [4],
    shift: [4],
    filter2: [3, 4, 2, 2],
    dense: [12, 3],
    bias2: [3],
  };
  const parameters = Object.entries(shapes).map(([name, shape]) => input(graph, name, ...shape));
  const [filter1, bias1, scale, shift, filter2, dense, bias2] = parameters as [
    Value,
    Value,
    Value,
    Value,
    Value,
    Value,
    Value,
  ];
  const first = conv(graph, images, filter1, { pads: 1, bias: bias1 });
  const pooled = maxPool(graph, relu(graph, groupNorm(graph, first, scale, shift, 2)), 2);
  const second = tanh(graph, conv(graph, pooled, filter2, { pads: [1, 1, 0, 0] }));
  const features = flatten(graph, averagePool(graph, second, 2, { stride: 1 }));
  const logits = add(graph, matMul(graph, features, dense), bias2);
  const targets = constant(graph, [2, 3], [0, 1, 0, 1, 0, 0], 'float64');
  const loss = neg(graph, mean(graph, mul(graph, logSoftmax(graph, logits), targets)));
  const variables = [images, ...parameters];
  const drawn = drawLike(variables, new Random(4, 'network'));
  const feeds = Object.fromEntries(variables.map((variable, index) => [inputName(variable), drawn[index]!]));
  return { graph, loss, variables, feeds };
}

describe('gradients', () => {
  it('of a network agree with central differences by every parameter and by the images', () => {
    const { graph, loss, variables, feeds } = makeNetwork();
    expectDifferencesToAgree(graph, loss, variables, feeds, {
      tolerance: tolerances.centralDifferenceOfNetwork,
    });
    expect(verifyGraph(graph)).toEqual([]);
  });

  it('of a gradient give the Hessian times a vector', () => {
    const { graph, loss, variables, feeds } = makeNetwork();
    const first = gradients(graph, loss, variables);
    const vectors = drawLike(first, new Random(5, 'vectors')).map((tensor) =>
      graph.constant(tensor, 'vector'),
    );
    const slope = innerProduct(graph, first, vectors);
    expectDifferencesToAgree(graph, slope, variables, feeds, {
      tolerance: tolerances.centralDifferenceOfNetwork,
    });
    expect(verifyGraph(graph)).toEqual([]);
  });

  it('of gradients are symmetric: ⟨u, Hv⟩ = ⟨v, Hu⟩', () => {
    const { graph, loss, variables, feeds } = makeNetwork();
    const first = gradients(graph, loss, variables);
    const [u, v] = ['u', 'v'].map((name) =>
      drawLike(first, new Random(6, name)).map((tensor) => graph.constant(tensor, name)),
    ) as [Value[], Value[]];
    const hessianTimes = (vector: Value[]) => gradients(graph, innerProduct(graph, first, vector), variables);
    const [left, right] = interpret(
      graph,
      [innerProduct(graph, u, hessianTimes(v)), innerProduct(graph, v, hessianTimes(u))],
      feeds,
    ).map((tensor) => Number(tensor.data[0]));
    expect(Math.abs(left! - right!) / Math.abs(right!)).toBeLessThan(tolerances.float64Reordered);
  });

  it('of a value on the way are the cotangents that arrive there, and still reach what lies before it', () => {
    const graph = new Graph();
    const x = input(graph, 'x', 3);
    const middle = exp(graph, x);
    const found = gradients(graph, sum(graph, mul(graph, middle, middle)), [middle, x]);
    const feeds = { x: tensorOf('float64', [3], [0, 1, 2]) };
    const [byMiddle, byX] = interpret(graph, found, feeds).map(numbers);
    [0, 1, 2].forEach((at) => {
      expect(byMiddle![at]).toBeCloseTo(2 * Math.exp(at), 12);
      expect(byX![at]).toBeCloseTo(2 * Math.exp(2 * at), 10);
    });
  });

  it('by a named constant work as by an input', () => {
    const graph = new Graph();
    const x = input(graph, 'x', 2);
    const weight = graph.constant(tensorOf('float64', [2], [3, 4]), 'weight');
    const [gradient] = gradients(graph, sum(graph, mul(graph, x, weight)), [weight]);
    expect(gradient).toBe(x);
  });

  it('are zero where nothing flows, in the shape asked for', () => {
    const graph = new Graph();
    const [x, other] = [input(graph, 'x', 2), input(graph, 'other', 2, 2)];
    const output = sum(graph, mul(graph, x, stopGradient(graph, reshape(graph, sum(graph, other), [1]))));
    const found = gradients(graph, output, [other]);
    const feeds = { x: tensorOf('float64', [2], [1, 2]), other: tensorOf('float64', [2, 2], [1, 2, 3, 4]) };
    expect(interpret(graph, found, feeds).map(numbers)).toEqual([[0, 0, 0, 0]]);
  });

  it('start from a seed where there is one, and demand it for more than one element', () => {
    const graph = new Graph();
    const x = input(graph, 'x', 1, 2, 2, 2);
    const output = globalAveragePool(graph, x);
    expect(() => gradients(graph, output, [x])).toThrow('needs a seed');
    const seed = constant(graph, [1, 2, 1, 1], [4, 8], 'float64');
    const [found] = interpret(graph, gradients(graph, output, [x], seed), {
      x: tensorOf('float64', [1, 2, 2, 2], new Float64Array(8)),
    });
    expect(numbers(found!)).toEqual([1, 1, 1, 1, 2, 2, 2, 2]);
  });

  it('add no node for what the output does not depend on', () => {
    const graph = new Graph();
    const [x, y] = [input(graph, 'x', 2), input(graph, 'y', 2)];
    const output = sum(graph, mul(graph, x, x));
    exp(graph, y);
    const before = graph.nodes.length;
    gradients(graph, output, [y]);
    expect(graph.nodes.slice(before).map((node) => node.op)).toEqual(['Expand']);
  });
});
