import { describe, expect, it } from 'vitest';
import { Graph, type Value } from '../graph/graph.ts';
import {
  add,
  concat,
  conv,
  exp,
  expand,
  flip,
  gather,
  int64Constant,
  matMul,
  maxPool,
  mean,
  reshape,
  slice,
  softmax,
  standardize,
  sum,
  transpose,
  transposeLast,
} from '../ops/build.ts';
import { tensorOf } from '../tensor/tensor.ts';
import { batchLayout } from './batch-layout.ts';

const N = 3;

function layoutOf(build: (graph: Graph, x: Value) => Value, ...shape: number[]) {
  const graph = new Graph();
  const x = graph.input('x', { dtype: 'float32', shape });
  const value = build(graph, x);
  return batchLayout([value], [x]).axisOf(value);
}

function weight(graph: Graph, ...shape: number[]): Value {
  return graph.input(`weight${graph.inputs.length}`, { dtype: 'float32', shape });
}

describe('batchLayout', () => {
  it('follows the batch axis through tokens, heads and windows folded with it', () => {
    const tokens = (graph: Graph, x: Value) => reshape(graph, x, [N * 4, 6]);
    expect(layoutOf(tokens, N, 4, 6)).toEqual({ axis: 0, before: 1, after: 4 });
    const heads = (graph: Graph, x: Value) => reshape(graph, transpose(graph, x, [1, 0, 2]), [4, N * 2, 3]);
    expect(layoutOf(heads, N, 4, 6)).toEqual({ axis: 1, before: 1, after: 2 });
    const rows = (graph: Graph, x: Value) => reshape(graph, transpose(graph, x, [1, 0, 2]), [4 * N, 6]);
    expect(layoutOf(rows, N, 4, 6)).toEqual({ axis: 0, before: 4, after: 1 });
    const back = (graph: Graph, x: Value) => reshape(graph, rows(graph, x), [2, 2, N, 6]);
    expect(layoutOf(back, N, 4, 6)).toEqual({ axis: 2, before: 1, after: 1 });
    const joined = (graph: Graph, x: Value) => concat(graph, [x, x], 0);
    expect(layoutOf(joined, N, 6)).toEqual({ axis: 0, before: 2, after: 1 });
    const second = (graph: Graph, x: Value) => slice(graph, joined(graph, x), [{ axis: 0, start: N }]);
    expect(layoutOf(second, N, 6)).toEqual({ axis: 0, before: 1, after: 1 });
  });

  it('follows it through products, reductions, look-ups and broadcasting', () => {
    const turned = (graph: Graph, x: Value) => matMul(graph, weight(graph, 5, 6), x, { transposeB: true });
    expect(layoutOf(turned, N, 6)).toEqual({ axis: 1, before: 1, after: 1 });
    const reduced = (graph: Graph, x: Value) => sum(graph, transpose(graph, x, [1, 0, 2]), { axes: [0] });
    expect(layoutOf(reduced, N, 4, 6)?.axis).toBe(0);
    const picked = (graph: Graph, x: Value) =>
      gather(graph, transpose(graph, x, [1, 0, 2]), int64Constant(graph, [0, 1, 1, 0], [2, 2]));
    expect(layoutOf(picked, N, 4, 6)?.axis).toBe(2);
    const broadcast = (graph: Graph, x: Value) => add(graph, x, weight(graph, 2, 1, 1, 6));
    expect(layoutOf(broadcast, N, 4, 6)?.axis).toBe(1);
  });

  it('tells batch-free values', () => {
    const graph = new Graph();
    const x = graph.input('x', { dtype: 'float32', shape: [N, 4] });
    const shared = add(graph, weight(graph, 4), 1);
    expect(batchLayout([add(graph, x, shared)], [x]).axisOf(shared)).toBeNull();
  });

  const mixing: Record<string, { shape: number[]; build: (graph: Graph, x: Value) => Value; op: string }> = {
    'batch statistics': {
      shape: [N, 4],
      build: (graph, x) => mean(graph, x, { axes: [0] }),
      op: 'ReduceMean',
    },
    'statistics over samples and pixels': {
      shape: [N, 2, 4],
      build: (graph, x) =>
        standardize(graph, reshape(graph, transpose(graph, x, [1, 0, 2]), [2, N * 4]), 1e-5).standardized,
      op: 'Standardize',
    },
    'a product over the batch axis': {
      shape: [N, 4],
      build: (graph, x) => matMul(graph, x, weight(graph, N, 2), { transposeA: true }),
      op: 'MatMul',
    },
    'similarities between samples': {
      shape: [N, 4],
      build: (graph, x) => softmax(graph, matMul(graph, x, transposeLast(graph, x))),
      op: 'MatMul',
    },
    'an outer sum of samples': {
      shape: [N],
      build: (graph, x) => add(graph, reshape(graph, x, [N, 1]), reshape(graph, x, [1, N])),
      op: 'Add',
    },
    'samples in another order': { shape: [N, 4], build: (graph, x) => flip(graph, x, [0]), op: 'Slice' },
    'one sample picked out': {
      shape: [N, 4],
      build: (graph, x) => gather(graph, x, int64Constant(graph, [1])),
      op: 'Gather',
    },
    'the batch as channels': {
      shape: [N, 1, 4, 4],
      build: (graph, x) => conv(graph, reshape(graph, x, [1, N, 4, 4]), weight(graph, 2, N, 3, 3)),
      op: 'Conv',
    },
    'windows over the batch': {
      shape: [N, 1, 4],
      build: (graph, x) => maxPool(graph, reshape(graph, x, [1, 1, N, 4]), [3, 1]),
      op: 'MaxPool',
    },
    'a sum with a reordered batch': {
      shape: [N, N],
      build: (graph, x) => add(graph, x, transpose(graph, x, [1, 0])),
      op: 'Add',
    },
  };

  it.each(Object.entries(mixing))('refuses %s, and names the operator', (_, { shape, build, op }) => {
    expect(() => layoutOf(build, ...shape)).toThrow(
      expect.objectContaining({
        code: 'model-mixes-samples',
        details: expect.objectContaining({ op }) as object,
      }),
    );
  });

  it('finds, among the axes of extent one in a batch of one, those that agree with what follows', () => {
    const graph = new Graph();
    const x = graph.input('x', { dtype: 'float32', shape: [1, 4, 6] });
    // Sequence first, with the heads folded back in one step: rows of tokens, not columns of samples.
    const heads = exp(graph, reshape(graph, transpose(graph, x, [1, 0, 2]), [4, 2, 3]));
    const rows = reshape(graph, heads, [4, 6]);
    const product = matMul(graph, rows, weight(graph, 6, 6));
    const layout = batchLayout([product], [x]);
    expect(layout.axisOf(heads)).toEqual({ axis: 1, before: 1, after: 2 });
    expect(layout.axisOf(rows)).toEqual({ axis: 0, before: 4, after: 1 });
  });

  it('refuses batched values of different lengths', () => {
    const graph = new Graph();
    const [x, y] = [2, 3].map((rows) => graph.input(`x${rows}`, { dtype: 'float32', shape: [rows] }));
    expect(() => batchLayout([x!], [x!, y!])).toThrow('the same number of rows');
    const table = graph.constant(tensorOf('float32', [2], [1, 2]), 'table');
    expect(batchLayout([expand(graph, table, [2, 2])], [x!]).axisOf(table)).toBeNull();
  });
});
