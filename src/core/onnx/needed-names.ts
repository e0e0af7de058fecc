/** @file Which values of an ONNX graph its outputs depend on, looking into the bodies of branches and loops. */
import type { OnnxAttribute, OnnxGraph, OnnxNode } from './model.ts';

/** The names of `outputs` and of everything they are computed from. */
export function neededNames(graph: OnnxGraph, outputs: Iterable<string>): Set<string> {
  const makers = new Map<string, OnnxNode>();
  for (const node of graph.nodes) for (const output of node.outputs) makers.set(output, node);
  const needed = new Set<string>();
  const pending = [...outputs];
  for (let name = pending.pop(); name !== undefined; name = pending.pop()) {
    if (name === '' || needed.has(name)) continue;
    needed.add(name);
    const maker = makers.get(name);
    if (maker === undefined) continue;
    for (const input of namesReadBy(maker)) pending.push(input);
  }
  return needed;
}

/**
 * What a node reads: its inputs, and all that its bodies read or answer. Names that a body defines itself are among them: they are
 * no names of the graph around it, or shadow one that is then kept without need.
 */
function namesReadBy(node: OnnxNode): string[] {
  const bodies = bodiesOf(node);
  return [
    ...node.inputs,
    ...bodies.flatMap((body) => [...body.outputs.keys(), ...body.nodes.flatMap(namesReadBy)]),
  ];
}

/** The graphs among a node's attributes. */
export function bodiesOf(node: OnnxNode): OnnxGraph[] {
  return [...node.attributes.values()].flatMap(bodiesIn);
}

export function bodiesIn(attribute: OnnxAttribute | undefined): readonly OnnxGraph[] {
  if (attribute?.kind === 'graph') return [attribute.value];
  return attribute?.kind === 'graphs' ? attribute.value : [];
}
