/** @file The legal forms of a graph. Every graph is held against them before it is compiled. */
import type { Graph, GraphNode, Value } from '../graph/graph.ts';
import type { OpName } from '../graph/op-attributes.ts';
import { printNode } from '../graph/print.ts';
import { elementCount, sameShape, type TensorType } from '../tensor/tensor.ts';
import { inferTypes, opNames } from './infer.ts';

const known: ReadonlySet<OpName> = new Set(opNames);

/** What is wrong with the graph, one sentence per fault; empty for a legal graph. */
export function verifyGraph(graph: Graph): string[] {
  const made = new Set<Value>(graph.inputs);
  const faults: string[] = [];
  for (const node of graph.nodes) {
    const found = [...inputFaults(node, made), ...typeFaults(node)];
    faults.push(...found.map((fault) => `${printNode(node)}: ${fault}`));
    for (const output of node.outputs) made.add(output);
  }
  return faults;
}

/** Every input must be a constant, an input of this graph, or made by an earlier node of it. */
function inputFaults(node: GraphNode, made: ReadonlySet<Value>): string[] {
  return node.inputs.flatMap((input, index) => {
    if (made.has(input)) return [];
    if (input.source.kind !== 'constant') return [`input ${index} is not made before it is used`];
    const { tensor } = input.source;
    const fits = sameType(tensor, input.type) && tensor.data.length === elementCount(tensor.shape);
    return fits ? [] : [`constant ${index} does not fill its type`];
  });
}

/** The operator is known, its inputs and attributes fit, and the outputs are of the types they imply. */
function typeFaults(node: GraphNode): string[] {
  if (!known.has(node.op)) return ['the operator is unknown'];
  try {
    const types = inferTypes<OpName>(
      node.op,
      node.inputs.map((input) => input.type),
      node.attributes,
    );
    const agrees =
      types.length === node.outputs.length &&
      types.every((type, index) => sameType(type, node.outputs[index]!.type));
    return agrees ? [] : ['the outputs are not of the inferred types'];
  } catch (error) {
    return [error instanceof Error ? error.message : String(error)];
  }
}

function sameType(a: TensorType, b: TensorType): boolean {
  return a.dtype === b.dtype && sameShape(a.shape, b.shape);
}
