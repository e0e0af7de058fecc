/** @file The parameters of a network from a file: those that were chosen, or low-rank adapters on them. */
import { assert, present } from '../../core/base/assert.ts';
import { nodesBetween } from '../../core/compiler/copy-graph.ts';
import { shapeOf, type Graph, type Value } from '../../core/graph/graph.ts';
import { adaptersOf, adapted, initialAdapter } from '../../core/nn/low-rank.ts';
import type { Parameters, ParameterSpec } from '../../core/nn/network.ts';
import type { ImportedModel } from '../../core/onnx/import/imported-model.ts';
import { numbersOf } from '../../core/tensor/tensor.ts';

/** What was chosen. */
export interface FileParameters {
  /** Names of the parameters that are trained and attributed to; the others are frozen. */
  readonly trained: readonly string[];
  /** Low-rank adapters on those parameters are trained instead; null: the parameters themselves. */
  readonly loraRank: number | null;
}

/** The chosen parameters, by name, as far as `ends` depend on them. */
export function trainedWeights(
  { parameters }: ImportedModel,
  ends: readonly Value[],
  { trained }: FileParameters,
): Map<string, Value> {
  const read = new Set(nodesBetween(ends, new Map()).flatMap((node) => node.inputs));
  return new Map(
    trained.flatMap((name) => {
      const value = parameters.get(name);
      return value !== undefined && read.has(value) ? [[name, value] as const] : [];
    }),
  );
}

export function parametersOf(
  weights: ReadonlyMap<string, Value>,
  { loraRank }: FileParameters,
): Omit<ParameterSpec, 'offset'>[] {
  return [...weights].flatMap(([name, value]) =>
    loraRank === null ? [{ name, shape: shapeOf(value) }] : adaptersOf(name, shapeOf(value), loraRank),
  );
}

/** What stands for each of the weights in `graph`. */
export function weightSubstitutes(
  graph: Graph,
  weights: ReadonlyMap<string, Value>,
  parameters: Parameters,
  { loraRank }: FileParameters,
): [Value, Value][] {
  return [...weights].map(([name, value]) => [
    value,
    loraRank === null
      ? present(parameters.get(name), name)
      : adapted(graph, name, frozen(graph, value), parameters),
  ]);
}

/** The weight as it stands in the file, and no parameter of the program. */
function frozen(graph: Graph, { source }: Value): Value {
  assert(source.kind === 'constant', 'a weight is a constant');
  return graph.constant(source.tensor);
}

/** A weight as the file has it; an adapter as adapters begin. */
export function firstValues(
  parameter: ParameterSpec,
  weights: ReadonlyMap<string, Value>,
  seed: number,
): ArrayLike<number> {
  const source = weights.get(parameter.name)?.source;
  return source?.kind === 'constant' ? numbersOf(source.tensor) : initialAdapter(parameter, seed);
}
