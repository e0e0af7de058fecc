import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { gradients } from '../compiler/differentiate.ts';
import { interpret } from '../execution/reference-interpreter.ts';
import { Graph, type Value } from '../graph/graph.ts';
import { tensorOf, type Shape } from '../tensor/tensor.ts';
import { max, maxPool, maximum, min, relu } from './build.ts';

/** d ⟨seed, output⟩ / dx, at x. */
function gradientAt(
  shape: Shape,
  x: readonly number[],
  output: (graph: Graph, x: Value) => Value,
  seed: readonly number[],
) {
  const graph = new Graph();
  const input = graph.input('x', { dtype: 'float64', shape });
  const result = output(graph, input);
  const cotangent = graph.constant(tensorOf('float64', result.type.shape, seed));
  const feeds = { x: tensorOf('float64', shape, x) };
  return Array.from(interpret(graph, gradients(graph, result, [input], cotangent), feeds)[0]!.data, Number);
}

describe('gradients at ties', () => {
  it('of MaxPool go to the first maximum of the window, whole', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 2 }), { minLength: 16, maxLength: 16 }), (x) => {
        const expected = x.map(() => 0);
        [0, 2, 8, 10].forEach((corner, window) => {
          const taps = [corner, corner + 1, corner + 4, corner + 5];
          const largest = Math.max(...taps.map((tap) => x[tap]!));
          expected[taps.find((tap) => x[tap] === largest)!]! += window + 1;
        });
        expect(gradientAt([1, 1, 4, 4], x, (graph, value) => maxPool(graph, value, 2), [1, 2, 3, 4])).toEqual(
          expected,
        );
      }),
    );
  });

  it('of overlapping MaxPool windows add up on a maximum they share', () => {
    const x = [0, 0, 0, 0, 5, 0, 0, 0, 0];
    const found = gradientAt(
      [1, 1, 3, 3],
      x,
      (graph, value) => maxPool(graph, value, 2, { stride: 1 }),
      [1, 2, 3, 4],
    );
    expect(found).toEqual([0, 0, 0, 0, 10, 0, 0, 0, 0]);
  });

  it('of ReduceMax and ReduceMin are shared evenly', () => {
    const x = [3, 3, 1, 3, 0, 0, 5, 5];
    expect(gradientAt([2, 4], x, (graph, value) => max(graph, value, { axes: [1] }), [6, 8])).toEqual([
      2, 2, 0, 2, 0, 0, 4, 4,
    ]);
    expect(gradientAt([2, 4], x, (graph, value) => min(graph, value, { axes: [1] }), [6, 8])).toEqual([
      0, 0, 6, 0, 4, 4, 0, 0,
    ]);
  });

  it('of Max are halved, and of Relu at 0 are 0', () => {
    expect(gradientAt([3], [-1, 0, 1], (graph, value) => maximum(graph, value, 0), [1, 1, 1])).toEqual([
      0, 0.5, 1,
    ]);
    expect(gradientAt([3], [-1, 0, 1], relu, [1, 1, 1])).toEqual([0, 0, 1]);
  });
});
