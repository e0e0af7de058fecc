/** @file Adds an operator to a graph: infers the types of its outputs, then lets the graph share equal nodes. */
import type { Graph, Value } from '../graph/graph.ts';
import type { OpAttributes, OpName } from '../graph/op-attributes.ts';
import { inferTypes } from './infer.ts';

/** All outputs of `op` on `inputs`. */
export function applyAll<Op extends OpName>(
  graph: Graph,
  op: Op,
  inputs: readonly Value[],
  attributes: OpAttributes[Op],
): readonly Value[] {
  const types = inferTypes(
    op,
    inputs.map((input) => input.type),
    attributes,
  );
  return graph.node(op, inputs, attributes, types).outputs;
}

/** The first output of `op` on `inputs`: the only one of most operators. */
export function apply<Op extends OpName>(
  graph: Graph,
  op: Op,
  inputs: readonly Value[],
  attributes: OpAttributes[Op],
): Value {
  return applyAll(graph, op, inputs, attributes)[0]!;
}
