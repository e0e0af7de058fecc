import { describe, expect, it } from 'vitest';
import { Graph, type Value } from '../../graph/graph.ts';
import { readModel } from '../../onnx/read-model.ts';
import { constant, matMul } from '../../ops/build.ts';
import { compile } from '../compile.ts';

/** The ONNX operators of a product of x [2, 3] with a constant. */
function operatorsOf(build: (graph: Graph, x: Value) => Value): string[] {
  const graph = new Graph();
  const x = graph.input('x', { dtype: 'float32', shape: [2, 3] });
  const { nodes } = readModel(compile(graph, { y: build(graph, x) }, { profile: 'cpu' }).onnx);
  return nodes.map(({ opType }) => opType).filter((opType) => opType !== 'Identity');
}

const identity3 = [1, 0, 0, 0, 1, 0, 0, 0, 1];

describe('products with the identity', () => {
  it('are left out on either side, transposed or not', () => {
    expect(operatorsOf((graph, x) => matMul(graph, x, constant(graph, [3, 3], identity3)))).toEqual([]);
    const fromRight = { transposeB: true };
    expect(
      operatorsOf((graph, x) => matMul(graph, x, constant(graph, [3, 3], identity3), fromRight)),
    ).toEqual([]);
    expect(operatorsOf((graph, x) => matMul(graph, constant(graph, [2, 2], [1, 0, 0, 1]), x))).toEqual([]);
  });

  it('stay where the other factor is transposed, and where it is not quite the identity', () => {
    const transposed = { transposeA: true };
    const identity2 = [1, 0, 0, 1];
    expect(
      operatorsOf((graph, x) => matMul(graph, x, constant(graph, [2, 2], identity2), transposed)),
    ).toEqual(['Gemm']);
    const almost = identity3.with(8, 2);
    expect(operatorsOf((graph, x) => matMul(graph, x, constant(graph, [3, 3], almost)))).toEqual(['MatMul']);
  });
});
