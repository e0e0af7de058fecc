/** @file The rule of operators through which no gradient flows: steps, comparisons, positions. */
import type { Graph, GraphNode, Value } from '../../graph/graph.ts';

export function noGradient(_graph: Graph, node: GraphNode): readonly (Value | null)[] {
  return node.inputs.map(() => null);
}
