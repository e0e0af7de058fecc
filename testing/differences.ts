/** @file Holds symbolic gradients against central differences, both through the reference interpreter. */
import { expect } from 'vitest';
import { Random } from '../src/core/base/random.ts';
import { gradients } from '../src/core/compiler/differentiate.ts';
import type { Feeds } from '../src/core/execution/executor.ts';
import { interpret } from '../src/core/execution/reference-interpreter.ts';
import type { Graph, Value } from '../src/core/graph/graph.ts';
import { add, mul, sum } from '../src/core/ops/build.ts';
import { elementCount, tensorOf, type Tensor } from '../src/core/tensor/tensor.ts';
import { differenceStep } from './tolerances.ts';

/** Σ⟨aᵢ, bᵢ⟩, a scalar. */
export function innerProduct(graph: Graph, a: readonly Value[], b: readonly Value[]): Value {
  return a
    .map((value, index) => sum(graph, mul(graph, value, b[index]!)))
    .reduce((total, term) => add(graph, total, term));
}

export function inputName(value: Value): string {
  if (value.source.kind !== 'input') throw new Error('not an input');
  return value.source.name;
}

/** Standard normal tensors in the shapes of `values`. */
export function drawLike(values: readonly Value[], random: Random): Tensor[] {
  return values.map(({ type: { shape } }) =>
    tensorOf(
      'float64',
      shape,
      Array.from({ length: elementCount(shape) }, () => random.normal()),
    ),
  );
}

/**
 * Expects d scalar / d variables to agree with central differences. Each probe compares the derivative along one random unit direction
 * through all variables together: a fault in any element shows in almost every direction.
 */
export function expectDifferencesToAgree(
  graph: Graph,
  scalar: Value,
  variables: readonly Value[],
  feeds: Feeds,
  { tolerance, seed = 1, probes = 3 }: { tolerance: number; seed?: number; probes?: number },
): void {
  const random = new Random(seed, 'probe directions');
  const found = interpret(graph, gradients(graph, scalar, variables), feeds);
  for (let probe = 0; probe < probes; probe++) {
    const direction = unitDirection(drawLike(variables, random));
    const along = (step: number): number => {
      const moved = variables.map((variable, index) => {
        const data = (feeds[inputName(variable)]!.data as Float64Array).map(
          (element, position) => element + step * Number(direction[index]!.data[position]),
        );
        return [inputName(variable), tensorOf('float64', variable.type.shape, data)] as const;
      });
      return Number(interpret(graph, [scalar], { ...feeds, ...Object.fromEntries(moved) })[0]!.data[0]);
    };
    const measured = (along(differenceStep) - along(-differenceStep)) / (2 * differenceStep);
    const claimed = dot(found, direction);
    const scale = Math.max(1, Math.abs(measured));
    expect(Math.abs(claimed - measured) / scale, `claimed ${claimed}, measured ${measured}`).toBeLessThan(
      tolerance,
    );
  }
}

function dot(a: readonly Tensor[], b: readonly Tensor[]): number {
  let total = 0;
  a.forEach(({ data }, index) => {
    data.forEach((element: number | bigint, position: number) => {
      total += Number(element) * Number(b[index]!.data[position]);
    });
  });
  return total;
}

function unitDirection(tensors: readonly Tensor[]): Tensor[] {
  const length = Math.sqrt(dot(tensors, tensors));
  return tensors.map(({ shape, data }) =>
    tensorOf(
      'float64',
      shape,
      (data as Float64Array).map((x) => x / length),
    ),
  );
}
