import { describe, expect, it } from 'vitest';
import { buildSampleGraph, sampleGraphs, type SampleGraphName } from '../../../testing/sample-graphs.ts';
import { tolerances } from '../../../testing/tolerances.ts';
import { interpret } from '../execution/reference-interpreter.ts';
import { Graph, type Value } from '../graph/graph.ts';
import { add, concat, conv, matMul, mean, reshape, softmax, transpose } from '../ops/build.ts';
import { verifyGraph } from '../ops/verify.ts';
import { Random } from '../base/random.ts';
import { elementCount, numbersOf, tensorOf, type Shape } from '../tensor/tensor.ts';
import { copyForBatch } from './for-batch.ts';

function drawn(shape: Shape, seed: number) {
  const random = new Random(seed, 'for-batch');
  return tensorOf(
    'float64',
    shape,
    Array.from({ length: elementCount(shape) }, () => random.normal()),
  );
}

/** As exporters write a transformer for one image: reshapes lose the batch, and a token and a mask are repeated for none. */
function tokensOf(graph: Graph, image: Value): Value {
  const named = (name: string, ...shape: number[]) => graph.constant(drawn(shape, shape.length), name);
  const patches = conv(graph, image, named('filter', 4, 3, 2, 2), { stride: 2 });
  const rows = reshape(graph, transpose(graph, reshape(graph, patches, [1, 4, 4]), [0, 2, 1]), [4, 4]);
  const embedded = reshape(graph, matMul(graph, rows, named('weight', 4, 6)), [1, 4, 6]);
  const tokens = concat(graph, [named('token', 1, 1, 6), embedded], 1);
  const heads = transpose(graph, reshape(graph, transpose(graph, tokens, [1, 0, 2]), [5, 2, 3]), [1, 0, 2]);
  const scores = add(graph, matMul(graph, heads, heads, { transposeB: true }), named('mask', 2, 5, 5));
  return mean(graph, matMul(graph, softmax(graph, scores), heads), { axes: [1] });
}

describe('copyForBatch', () => {
  it('gives for every sample what the graph gives for it alone', () => {
    const single = new Graph();
    const image = single.input('image', { dtype: 'float64', shape: [1, 3, 4, 4] });
    const output = tokensOf(single, image);
    const graph = new Graph();
    const images = graph.input('images', { dtype: 'float64', shape: [3, 3, 4, 4] });
    const [copy] = copyForBatch(graph, [output], new Map([[image, images]]));
    const samples = [4, 5, 6].map((seed) => drawn([1, 3, 4, 4], seed));
    const [together] = interpret(graph, [copy!], {
      images: tensorOf(
        'float64',
        [3, 3, 4, 4],
        samples.flatMap(({ data }) => [...(data as Float64Array)]),
      ),
    });
    const apart = samples.flatMap((sample) => [...interpret(single, [output], { image: sample })[0]!.data]);
    expect(together!.shape).toEqual([6, 3]);
    expect([...together!.data]).toEqual(apart);
  });

  it.each(Object.keys(sampleGraphs) as SampleGraphName[])(
    'gives of %s what a graph made for the batch gives',
    (name) => {
      const single = buildSampleGraph(name, [1]);
      const wanted = buildSampleGraph(name, [4, 0, 2]);
      const graph = new Graph();
      const inputs = new Map(
        single.batched.map((value, index) => [value, graph.input(`x${index}`, wanted.batched[index]!.type)]),
      );
      const [copy] = copyForBatch(graph, [single.outputs], inputs);
      expect(verifyGraph(graph)).toEqual([]);
      const feeds = Object.fromEntries(
        Object.values(wanted.feeds).map((tensor, index) => [`x${index}`, tensor]),
      );
      const [found] = interpret(graph, [copy!], feeds).map(numbersOf);
      const [expected] = interpret(wanted.graph, [wanted.outputs], wanted.feeds).map(numbersOf);
      expect(found!.length).toBe(3);
      found!.forEach((value, row) => {
        expect(Math.abs(value - expected![row]!)).toBeLessThan(tolerances.float64ThroughNetwork);
      });
    },
  );

  it('keeps one copy of a constant that is used twice', () => {
    const single = new Graph();
    const x = single.input('x', { dtype: 'float64', shape: [1, 2] });
    const weight = single.constant(drawn([2], 1), 'weight');
    const output = add(single, add(single, x, weight), reshape(single, weight, [1, 2]));
    const graph = new Graph();
    const rows = graph.input('x', { dtype: 'float64', shape: [2, 2] });
    copyForBatch(graph, [output], new Map([[x, rows]]));
    const named = new Set(
      graph.nodes.flatMap(({ inputs }) => inputs).filter(({ source }) => source.kind === 'constant'),
    );
    expect(named.size).toBe(1);
  });

  it('refuses what tells samples apart no longer', () => {
    const single = new Graph();
    const x = single.input('x', { dtype: 'float64', shape: [1, 2] });
    const rows = new Graph().input('x', { dtype: 'float64', shape: [2, 2] });
    const output = mean(single, x, { axes: [0] });
    expect(() => copyForBatch(new Graph(), [output], new Map([[x, rows]]))).toThrow(
      expect.objectContaining({ code: 'model-mixes-samples' }),
    );
  });
});
