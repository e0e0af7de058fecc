import { describe, expect, it } from 'vitest';
import { runProgram } from '../../../testing/sessions.ts';
import { Random } from '../../core/base/random.ts';
import { compile } from '../../core/compiler/compile.ts';
import { gradients } from '../../core/compiler/differentiate.ts';
import { interpret } from '../../core/execution/reference-interpreter.ts';
import { Graph } from '../../core/graph/graph.ts';
import { maxPool, mul, sum, type PoolOptions } from '../../core/ops/build.ts';
import { tensorOf, type Tensor } from '../../core/tensor/tensor.ts';

/** Small whole numbers: nearly every window has ties. */
function drawTies(shape: readonly number[], name: string): Tensor {
  const random = new Random(1, name);
  const count = shape.reduce((product, extent) => product * extent, 1);
  return tensorOf(
    'float32',
    shape,
    Array.from({ length: count }, () => random.integer(3)),
  );
}

const geometries: readonly { kernel: number | [number, number]; options?: PoolOptions; size: number }[] = [
  { kernel: 2, size: 6 },
  { kernel: 2, size: 7 },
  { kernel: [1, 3], size: 6 },
  { kernel: 2, options: { stride: 3, pads: 1 }, size: 7 },
  { kernel: 2, options: { ceil: true }, size: 5 },
  { kernel: 3, options: { stride: 2, pads: 1 }, size: 7 },
  { kernel: 2, options: { stride: 2, dilation: 2 }, size: 7 },
];

describe('compiled max-pooling', () => {
  it.each(geometries)(
    'of $kernel, $options, sends gradients of first and second order where the reference does',
    async ({ kernel, options, size }) => {
      const graph = new Graph();
      const feeds = { x: drawTies([2, 3, size, size], 'x') };
      const x = graph.input('x', feeds.x);
      const pooled = maxPool(graph, x, kernel, options);
      const weights = graph.constant(drawTies(pooled.type.shape, 'weights'));
      const objective = sum(graph, mul(graph, mul(graph, pooled, pooled), weights));
      const [first] = gradients(graph, objective, [x]);
      const slope = sum(graph, mul(graph, first!, graph.constant(drawTies(x.type.shape, 'direction'))));
      const [second] = gradients(graph, slope, [x]);
      const found = await runProgram(
        compile(graph, { first: first!, second: second! }, { profile: 'cpu' }),
        feeds,
      );
      const expected = interpret(graph, [first!, second!], feeds);
      expect([...found['first']!.data]).toEqual([...expected[0]!.data]);
      expect([...found['second']!.data]).toEqual([...expected[1]!.data]);
    },
  );
});
