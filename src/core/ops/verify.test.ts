import { describe, expect, it } from 'vitest';
import { Graph } from '../graph/graph.ts';
import { printGraph } from '../graph/print.ts';
import { add, conv, maxPool, mul, relu, sum } from './build.ts';
import { verifyGraph } from './verify.ts';

const float = (...shape: number[]) => ({ dtype: 'float32', shape }) as const;

describe('verifyGraph', () => {
  it('finds nothing wrong with a graph that was built', () => {
    const graph = new Graph();
    const x = graph.input('x', float(1, 1, 4, 4));
    sum(
      graph,
      maxPool(graph, relu(graph, conv(graph, x, graph.input('w', float(2, 1, 3, 3)), { pads: 1 })), 2),
    );
    expect(verifyGraph(graph)).toEqual([]);
  });

  it('catches outputs of another type than the inputs imply', () => {
    const graph = new Graph();
    graph.node('Relu', [graph.input('x', float(2))], {}, [float(3)]);
    expect(verifyGraph(graph)).toEqual([
      '%1: float32[3] = Relu(x): the outputs are not of the inferred types',
    ]);
  });

  it('catches a missing output', () => {
    const graph = new Graph();
    const geometry = {
      kernel: [1, 1],
      strides: [1, 1],
      dilations: [1, 1],
      pads: [0, 0, 0, 0],
      ceil: false,
    } as const;
    graph.node('MaxPool', [graph.input('x', float(1, 1, 2, 2))], geometry, [float(1, 1, 2, 2)]);
    expect(verifyGraph(graph)).toHaveLength(1);
  });

  it('catches attributes and inputs that do not fit', () => {
    const graph = new Graph();
    const x = graph.input('x', float(2, 3));
    graph.node('Transpose', [x], { permutation: [0, 2] }, [float(2, 3)]);
    graph.node('Add', [x], {}, [float(2, 3)]);
    expect(verifyGraph(graph)).toEqual([
      expect.stringContaining('permutation [0,2]'),
      expect.stringContaining('got 1'),
    ]);
  });

  it('catches a value of another graph', () => {
    const [graph, other] = [new Graph(), new Graph()];
    const foreign = relu(other, other.input('x', float(2)));
    graph.node('Relu', [foreign], {}, [float(2)]);
    expect(verifyGraph(graph)).toEqual([expect.stringContaining('input 0 is not made before it is used')]);
  });

  it('catches a constant that does not fill its type', () => {
    const graph = new Graph();
    const constant = graph.constant({ ...float(2), data: new Float32Array(2) }, 'weight');
    (constant as { type: unknown }).type = float(3);
    relu(graph, constant);
    expect(verifyGraph(graph)).toEqual([expect.stringContaining('constant 0 does not fill its type')]);
  });
});

describe('printGraph', () => {
  it('writes one line per input and node, with types, attributes and small constants', () => {
    const graph = new Graph();
    const x = graph.input('x', float(2, 3));
    const weight = graph.constant({ ...float(3), data: new Float32Array(3) }, 'weight');
    const total = sum(graph, mul(graph, add(graph, x, 2), weight), { axes: [1] });
    relu(graph, x);
    expect(printGraph(graph, [total])).toBe(
      [
        'x: float32[2,3] = input',
        '%3: float32[2,3] = Add(x, 2)',
        '%4: float32[2,3] = Mul(%3, weight)',
        '%5: float32[2] = ReduceSum(%4) axes=[1] keepDims=false',
        'return %5',
      ].join('\n'),
    );
    expect(printGraph(graph)).toContain('%6: float32[2,3] = Relu(x)');
  });
});
