/** @file Replays a part of a graph: in another graph, or in the same with some of its values replaced. */
import { assert, present } from '../base/assert.ts';
import type { Graph, GraphNode, Value } from '../graph/graph.ts';
import { applyAll } from '../ops/apply.ts';

/**
 * Copies in `target` of `values` and of all they depend on, types inferred anew. `substitutes` holds what stands for an input, a constant or
 * a value in between (what lies before one is not copied), as values of `target`; inputs without a substitute must be of `target`.
 */
export function copyInto(
  target: Graph,
  values: readonly Value[],
  substitutes: ReadonlyMap<Value, Value>,
): Value[] {
  const copies = new Map(substitutes);
  const nodes = nodesBetween(values, substitutes);
  const inPlace = nodes.some((node) => target.nodes[node.id] === node);
  const copyOf = (value: Value): Value => {
    const known = copies.get(value);
    if (known !== undefined) return known;
    const copy = inPlace ? value : copySource(target, value);
    copies.set(value, copy);
    return copy;
  };
  for (const node of nodes) {
    const outputs = applyAll(target, node.op, node.inputs.map(copyOf), node.attributes);
    node.outputs.forEach((output, index) => {
      if (!copies.has(output)) copies.set(output, present(outputs[index], `output of ${node.op}`));
    });
  }
  return values.map(copyOf);
}

/** The nodes that `values` depend on, as far as the substitutes, in the graph's order. */
export function nodesBetween(
  values: readonly Value[],
  substitutes: { readonly has: (value: Value) => boolean },
): GraphNode[] {
  const live = new Set<GraphNode>();
  const pending = [...values];
  for (let value = pending.pop(); value !== undefined; value = pending.pop()) {
    if (value.source.kind !== 'node' || substitutes.has(value) || live.has(value.source.node)) continue;
    live.add(value.source.node);
    pending.push(...value.source.node.inputs);
  }
  return [...live].sort((a, b) => a.id - b.id);
}

function copySource(target: Graph, value: Value): Value {
  const { source } = value;
  if (source.kind === 'constant') return target.constant(source.tensor, source.name);
  assert(
    source.kind === 'input' && target.inputs.includes(value),
    `${source.kind === 'input' ? source.name : 'a value'} has no substitute in the other graph`,
  );
  return value;
}
