/** @file How much memory the values of a graph take, at the moment when most of them are needed at once. */
import { nodesReaching, type Graph, type Value } from '../graph/graph.ts';
import { elementCount, type DType } from '../tensor/tensor.ts';

const bytesPerElement = (dtype: DType): number => {
  switch (dtype) {
    case 'float64':
    case 'int64':
      return 8;
    case 'float32':
    case 'int32':
      return 4;
    case 'float16':
      return 2;
    default:
      return 1;
  }
};

/**
 * Bytes of the inputs and constants that `outputs` depend on, plus the largest sum of computed values alive at one time when the
 * nodes run in the graph's order: a value lives from its node to the last node that reads it; outputs live to the end.
 * What kernels need for themselves, and what a runtime saves by reusing buffers in place, is not counted.
 */
export function peakLiveBytes(graph: Graph, outputs: readonly Value[]): number {
  const nodes = nodesReaching(graph, outputs);
  const lastUse = new Map<Value, number>();
  for (const [index, node] of nodes.entries()) for (const input of node.inputs) lastUse.set(input, index);
  for (const output of outputs) lastUse.set(output, nodes.length);
  const given = [...lastUse.keys()].filter((value) => value.source.kind !== 'node');
  let live = given.reduce((total, value) => total + bytesOf(value), 0);
  let peak = live;
  const ending = groupByEnd(lastUse);
  for (const [index, node] of nodes.entries()) {
    for (const output of node.outputs) if (lastUse.has(output)) live += bytesOf(output);
    peak = Math.max(peak, live);
    for (const value of ending.get(index) ?? []) live -= bytesOf(value);
  }
  return peak;
}

/** Computed values by the place of the node after which nobody needs them. */
function groupByEnd(lastUse: ReadonlyMap<Value, number>): Map<number, Value[]> {
  const ending = new Map<number, Value[]>();
  for (const [value, index] of lastUse) {
    if (value.source.kind !== 'node') continue;
    const list = ending.get(index);
    if (list === undefined) ending.set(index, [value]);
    else list.push(value);
  }
  return ending;
}

function bytesOf({ type }: Value): number {
  return elementCount(type.shape) * bytesPerElement(type.dtype);
}
