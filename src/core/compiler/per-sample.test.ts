import { describe, expect, it } from 'vitest';
import {
  buildSampleGraph,
  sampleGraphs,
  type BuiltGraph,
  type SampleGraphName,
} from '../../../testing/sample-graphs.ts';
import { tolerances } from '../../../testing/tolerances.ts';
import { interpret } from '../execution/reference-interpreter.ts';
import { shapeOf } from '../graph/graph.ts';
import { reshape, slice, sum } from '../ops/build.ts';
import { numbersOf } from '../tensor/tensor.ts';
import { gradients } from './differentiate.ts';
import { perSampleGradients } from './per-sample.ts';

function perSample(built: BuiltGraph): Float64Array[] {
  const { graph, outputs, batched, parameters, feeds } = built;
  const found = perSampleGradients(graph, { outputs, batched }, [...parameters.values()]);
  return interpret(graph, found, feeds).map(numbersOf);
}

/** The gradient of each sample's output by itself. */
function oneByOne({ graph, outputs, parameters, feeds }: BuiltGraph): Float64Array[] {
  const values = [...parameters.values()];
  const rows = Array.from({ length: shapeOf(outputs)[0]! }, (_, row) =>
    gradients(graph, slice(graph, outputs, [{ axis: 0, start: row, end: row + 1 }]), values),
  );
  const found = interpret(graph, rows.flat(), feeds).map(numbersOf);
  return values.map((_, index) =>
    Float64Array.from(rows.flatMap((_row, row) => [...found[row * values.length + index]!])),
  );
}

function expectSame(
  found: readonly Float64Array[],
  expected: readonly Float64Array[],
  names: Iterable<string>,
) {
  [...names].forEach((name, index) => {
    const scale = Math.max(1e-3, ...expected[index]!.map(Math.abs));
    expect(found[index]!.length, name).toBe(expected[index]!.length);
    const worst = Math.max(
      ...found[index]!.map((value, place) => Math.abs(value - expected[index]![place]!)),
    );
    expect(worst / scale, name).toBeLessThan(tolerances.float64ThroughNetwork);
  });
}

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
