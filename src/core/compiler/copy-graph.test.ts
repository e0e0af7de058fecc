import { describe, expect, it } from 'vitest';
import { interpret } from '../execution/reference-interpreter.ts';
import { Graph } from '../graph/graph.ts';
import { add, exp, mul, sum } from '../ops/build.ts';
import { tensorOf } from '../tensor/tensor.ts';
import { copyInto } from './copy-graph.ts';

/** exp(x·w + 1), summed over the last axis. */
function makeModel() {
  const graph = new Graph();
  const x = graph.input('x', { dtype: 'float64', shape: [2, 3] });
  const weight = graph.constant(tensorOf('float64', [3], [1, 2, 3]), 'weight');
  const middle = add(graph, mul(graph, x, weight), 1);
  return { graph, x, weight, middle, output: sum(graph, exp(graph, middle), { axes: [1] }) };
}

describe('copyInto', () => {
  it('computes the same in another graph, with types that follow the substitutes', () => {
    const { graph, x, output } = makeModel();
    const target = new Graph();
    const wide = target.input('wide', { dtype: 'float64', shape: [1, 3] });
    const [copy] = copyInto(target, [output], new Map([[x, wide]]));
    expect(copy!.type.shape).toEqual([1]);
    const row = [0.1, -0.2, 0.3];
    const [expected] = interpret(graph, [output], { x: tensorOf('float64', [2, 3], [...row, 0, 0, 0]) });
    const [found] = interpret(target, [copy!], { wide: tensorOf('float64', [1, 3], row) });
    expect(found!.data[0]).toBe(expected!.data[0]);
  });

  it('keeps the names of constants, and one copy of each', () => {
    const { x, weight, middle, output } = makeModel();
    const target = new Graph();
    const fresh = target.input('x', x.type);
    const [copy, again] = copyInto(target, [weight, weight, middle, output], new Map([[x, fresh]]));
    expect(copy!.source).toMatchObject({ kind: 'constant', name: 'weight' });
    expect(again).toBe(copy);
  });

  it('shares what a replaced constant does not reach within the same graph', () => {
    const { graph, weight, middle, output } = makeModel();
    expect(copyInto(graph, [output], new Map())).toEqual([output]);
    const other = graph.input('other', weight.type);
    const before = graph.nodes.length;
    const [copy] = copyInto(graph, [output], new Map([[weight, other]]));
    expect(graph.nodes.length - before).toBe(4);
    expect(copy).not.toBe(output);
    const stopped = graph.nodes.length;
    copyInto(graph, [output], new Map([[middle, middle]]));
    expect(graph.nodes.length).toBe(stopped);
  });

  it('stops at a value in between', () => {
    const { middle, output } = makeModel();
    const target = new Graph();
    const given = target.input('given', middle.type);
    copyInto(target, [output], new Map([[middle, given]]));
    expect(target.nodes.map((node) => node.op)).toEqual(['Exp', 'ReduceSum']);
  });

  it('refuses an input that the other graph does not have', () => {
    const { output } = makeModel();
    expect(() => copyInto(new Graph(), [output], new Map())).toThrow('x has no substitute');
  });
});
