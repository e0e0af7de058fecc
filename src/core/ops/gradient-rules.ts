/** @file The derivative of every operator: a total table. */
import type { Graph, GraphNode, Value } from '../graph/graph.ts';
import type { OpName } from '../graph/op-attributes.ts';
import { elementwiseGradients } from './gradients/elementwise.ts';
import { linearGradients } from './gradients/linear.ts';
import { movementGradients } from './gradients/movement.ts';
import { noGradient } from './gradients/no-gradient.ts';
import { normalizationGradients } from './gradients/normalization.ts';
import { poolingGradients } from './gradients/pooling.ts';
import { reductionGradients } from './gradients/reduction.ts';
import type { GradientRule, GradientRules } from './rule.ts';

const gradientRules: GradientRules = {
  ...elementwiseGradients,
  ...movementGradients,
  ...reductionGradients,
  ...linearGradients,
  ...poolingGradients,
  ...normalizationGradients,
};

/** Whether gradients flow through an operator; false for steps, comparisons and positions. */
export function isDifferentiable(op: OpName): boolean {
  return gradientRules[op] !== noGradient;
}

/** Cotangents of the node's inputs from those of its outputs. */
export function pullBack(
  graph: Graph,
  node: GraphNode,
  cotangents: readonly (Value | null)[],
): readonly (Value | null)[] {
  // Indexing a mapped type by a union loses the correlation that the table itself guarantees.
  const rule = gradientRules[node.op] as GradientRule<OpName>;
  return rule(graph, node, cotangents);
}
