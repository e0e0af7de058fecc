/** @file Drops ONNX nodes, optional outputs and initializers that nothing reads. */
import type { OnnxModel, OnnxNode } from '../../onnx/model.ts';

export function pruneNodes(
  model: Pick<OnnxModel, 'nodes' | 'initializers'>,
  outputs: ReadonlySet<string>,
): Pick<OnnxModel, 'nodes' | 'initializers'> {
  const live = new Set(outputs);
  const kept: OnnxNode[] = [];
  for (const node of model.nodes.toReversed()) {
    if (!node.outputs.some((name) => live.has(name))) continue;
    for (const name of node.inputs) live.add(name);
    kept.push({ ...node, outputs: liveOutputs(node.outputs, live) });
  }
  const initializers = new Map([...model.initializers].filter(([name]) => live.has(name)));
  return { nodes: kept.reverse(), initializers };
}

/** The first output is never optional; a dead one after it keeps its place under the empty name, trailing ones go. */
function liveOutputs(outputs: readonly string[], live: ReadonlySet<string>): string[] {
  const named = outputs.map((name, index) => (index === 0 || live.has(name) ? name : ''));
  return named.slice(0, named.findLastIndex((name) => name !== '') + 1);
}
