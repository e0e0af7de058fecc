import { describe, expect, it } from 'vitest';
import { Graph, type Value } from '../graph/graph.ts';
import { applyAll } from '../ops/apply.ts';
import { averagePool, cast, constant, conv, erf, scatterAdd, int64Constant } from '../ops/build.ts';
import { tensorOf, type Tensor } from '../tensor/tensor.ts';
import { interpret } from './reference-interpreter.ts';

function numbers(tensor: Tensor | undefined): number[] {
  return Array.from(tensor!.data, Number);
}

/** Without feeds: everything is a constant. */
function evaluate(build: (graph: Graph) => Value): number[] {
  const graph = new Graph();
  return numbers(interpret(graph, [build(graph)], {})[0]);
}

const nine = [1, 2, 3, 4, 5, 6, 7, 8, 9];

describe('the reference interpreter', () => {
  it('correlates, as ONNX does: it does not flip the filter', () => {
    const found = evaluate((graph) =>
      conv(graph, constant(graph, [1, 1, 3, 3], nine), constant(graph, [1, 1, 2, 2], [1, 10, 100, 1000])),
    );
    expect(found).toEqual([5421, 6532, 8754, 9865]);
  });

  it('pads at the top and left first, and skips what dilation jumps over', () => {
    const found = evaluate((graph) =>
      conv(graph, constant(graph, [1, 1, 3, 3], nine), constant(graph, [1, 1, 2, 2], [1, 10, 100, 1000]), {
        dilation: 2,
        pads: [1, 0, 0, 0],
      }),
    );
    // Rows −1 and 1, then rows 0 and 2, columns 0 and 2.
    expect(found).toEqual([6400, 9731]);
  });

  it('keeps groups of channels apart', () => {
    const found = evaluate((graph) =>
      conv(graph, constant(graph, [1, 2, 1, 1], [3, 5]), constant(graph, [2, 1, 1, 1], [10, 100]), {
        group: 2,
      }),
    );
    expect(found).toEqual([30, 500]);
  });

  it('averages over the input alone, or over the padding too, but never over what sticks out in ceil mode', () => {
    const average = (countPadding: boolean) =>
      evaluate((graph) =>
        averagePool(graph, constant(graph, [1, 1, 1, 4], [1, 2, 3, 4]), [1, 3], {
          stride: [1, 2],
          pads: [0, 1, 0, 0],
          ceil: true,
          countPadding,
        }),
      );
    expect(average(false)).toEqual([1.5, 3]);
    expect(average(true)).toEqual([1, 3]);
    const overhang = (countPadding: boolean) =>
      evaluate((graph) =>
        averagePool(graph, constant(graph, [1, 1, 1, 4], [1, 2, 3, 4]), [1, 3], { ceil: true, countPadding }),
      );
    expect(overhang(true)).toEqual([2, 4]);
    expect(overhang(false)).toEqual([2, 4]);
  });

  it('gives the first of equal maxima, as a flat position in the whole input', () => {
    const graph = new Graph();
    const x = constant(graph, [1, 2, 2, 2], [7, 7, 7, 7, 0, 1, 1, 0]);
    const geometry = {
      kernel: [2, 2],
      strides: [2, 2],
      dilations: [1, 1],
      pads: [0, 0, 0, 0],
      ceil: false,
    } as const;
    const [y, positions] = interpret(graph, applyAll(graph, 'MaxPool', [x], geometry), {});
    expect(numbers(y)).toEqual([7, 1]);
    expect(numbers(positions)).toEqual([0, 5]);
    expect(positions!.dtype).toBe('int64');
  });

  it('adds rows that fall on the same index', () => {
    const found = evaluate((graph) =>
      scatterAdd(graph, constant(graph, [3, 1], [1, 10, 100]), int64Constant(graph, [1, 0, 1]), [2, 1]),
    );
    expect(found).toEqual([10, 101]);
  });

  it('knows erf to full precision', () => {
    const found = evaluate((graph) => erf(graph, constant(graph, [4], [0.5, -1, 2.5, 9], 'float64')));
    [0.5204998778130465, -0.8427007929497149, 0.999593047982555, 1].forEach((expected, index) =>
      expect(found[index]).toBeCloseTo(expected, 14),
    );
  });

  it('computes in float64 whatever the float type, and truncates where it casts to an integer', () => {
    const graph = new Graph();
    const x = graph.input('x', { dtype: 'float32', shape: [2] });
    const [same, whole] = interpret(graph, [x, cast(graph, x, 'int64')], {
      x: tensorOf('float64', [2], [0.1, -1.9]),
    });
    expect(numbers(same)).toEqual([0.1, -1.9]);
    expect(numbers(whole)).toEqual([0, -1]);
  });

  it('names a feed that is missing or of another shape', () => {
    const graph = new Graph();
    const x = graph.input('x', { dtype: 'float32', shape: [2] });
    expect(() => interpret(graph, [x], {})).toThrow('x is not fed');
    expect(() => interpret(graph, [x], { x: tensorOf('float32', [1], [0]) })).toThrow('[1], not [2]');
  });
});
