import { describe, expect, it } from 'vitest';
import { expectSame, oneByOne, perSample } from '../../../testing/sample-gradients.ts';
import { buildSampleGraph, sampleGraphs, type SampleGraphName } from '../../../testing/sample-graphs.ts';
import { interpret } from '../execution/reference-interpreter.ts';
import { reshape, sum } from '../ops/build.ts';
import { numbersOf } from '../tensor/tensor.ts';
import { gradients } from './differentiate.ts';
import { perSampleGradients } from './per-sample.ts';

const names = Object.keys(sampleGraphs) as SampleGraphName[];

describe('per-sample gradients', () => {
  it.each(names)('of %s are those of one sample at a time', (name) => {
    const built = buildSampleGraph(name, [0, 1, 2]);
    const expected = oneByOne(built);
    expect(expected.some((rows) => rows.some((value) => value !== 0))).toBe(true);
    expectSame(perSample(built), expected, built.parameters.keys());
  });

  it.each(names)('of %s in a batch of one are the gradient', (name) => {
    const built = buildSampleGraph(name, [1]);
    expectSame(perSample(built), oneByOne(built), built.parameters.keys());
  });

  it.each(names)('of %s add up to the gradient of the sum', (name) => {
    const built = buildSampleGraph(name, [0, 1, 2]);
    const { graph, outputs, batched, parameters, feeds } = built;
    const values = [...parameters.values()];
    const each = perSampleGradients(graph, { outputs, batched }, values);
    const added = each.map((value) => sum(graph, value, { axes: [0] }));
    const whole = gradients(graph, sum(graph, outputs), values).map((value) => reshape(graph, value, [-1]));
    const results = interpret(graph, [...added, ...whole], feeds).map(numbersOf);
    expectSame(results.slice(0, values.length), results.slice(values.length), parameters.keys());
  });

  it.each(names)('of %s follow their samples through any order and size of the batch', (name) => {
    const built = buildSampleGraph(name, [0, 1, 2]);
    const expected = perSample(built);
    const other = perSample(buildSampleGraph(name, [2, 5, 0, 4]));
    [...built.parameters.keys()].forEach((parameter, index) => {
      const size = expected[index]!.length / 3;
      const row = (rows: Float64Array, at: number) => rows.slice(at * size, (at + 1) * size);
      expectSame([row(other[index]!, 0)], [row(expected[index]!, 2)], [parameter]);
      expectSame([row(other[index]!, 2)], [row(expected[index]!, 0)], [parameter]);
    });
  });
});
