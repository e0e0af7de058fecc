import { describe, expect, it } from 'vitest';
import { Graph } from '../../graph/graph.ts';
import { add, mul, relu } from '../../ops/build.ts';
import { tensorOf } from '../../tensor/tensor.ts';
import { lowerGraph } from './lower-graph.ts';

describe('a lowered graph', () => {
  it.each([
    ['x', 'weight', 'y'],
    ['Mul_0', 'Add_1', 'Relu_2'],
    ['Relu_2', "Mul_0'", 'Mul_0'],
    ['constant_0', 'constant_1', 'Add_1'],
  ])('has every name once, also where it brings along %s, %s and %s', (input, weight, output) => {
    const graph = new Graph();
    const x = graph.input(input, { dtype: 'float32', shape: [2] });
    const w = graph.constant(tensorOf('float32', [2], [3, 4]), weight);
    const one = graph.constant(tensorOf('float32', [2], [1, 2]));
    const y = relu(graph, add(graph, mul(graph, x, w), one));
    const model = lowerGraph(graph, new Map([[output, y]]), { profile: 'cpu' });
    const names = [
      ...model.inputs.keys(),
      ...model.initializers.keys(),
      ...model.nodes.flatMap(({ outputs }) => outputs),
    ];
    expect(names.sort()).toEqual([...new Set(names)].sort());
    expect(model.inputs.has(input) && model.initializers.has(weight) && model.outputs.has(output)).toBe(true);
  });
});
