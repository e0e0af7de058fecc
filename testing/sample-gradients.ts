/** @file Per-sample gradients of the graphs in `sample-graphs.ts`, and what they are held against. */
import { expect } from 'vitest';
import { gradients } from '../src/core/compiler/differentiate.ts';
import { perSampleGradients } from '../src/core/compiler/per-sample.ts';
import { interpret } from '../src/core/execution/reference-interpreter.ts';
import { shapeOf } from '../src/core/graph/graph.ts';
import { slice } from '../src/core/ops/build.ts';
import { numbersOf } from '../src/core/tensor/tensor.ts';
import type { BuiltGraph } from './sample-graphs.ts';
import { tolerances } from './tolerances.ts';

/** By every parameter, [N, size] each. */
export function perSample(built: BuiltGraph): Float64Array[] {
  const { graph, outputs, batched, parameters, feeds } = built;
  const found = perSampleGradients(graph, { outputs, batched }, [...parameters.values()]);
  return interpret(graph, found, feeds).map(numbersOf);
}

/** The gradient of each sample's output by itself. */
export function oneByOne({ graph, outputs, parameters, feeds }: BuiltGraph): Float64Array[] {
  const values = [...parameters.values()];
  const rows = Array.from({ length: shapeOf(outputs)[0]! }, (_, row) =>
    gradients(graph, slice(graph, outputs, [{ axis: 0, start: row, end: row + 1 }]), values),
  );
  const found = interpret(graph, rows.flat(), feeds).map(numbersOf);
  return values.map((_, index) =>
    Float64Array.from(rows.flatMap((_row, row) => [...found[row * values.length + index]!])),
  );
}

export function expectSame(
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
