/** @file A graph as text, one line per value, to read when something fails. */
import type { TensorType } from '../tensor/tensor.ts';
import { nodesReaching, type Graph, type GraphNode, type Value } from './graph.ts';

/** Constants up to this many elements are written out. */
const WRITTEN_OUT_LIMIT = 8;

/**
 * The part of `graph` that `values` depend on (all of it where none are given), such as
 *
 *     x: float32[2,3] = input
 *     %4: float32[2] = ReduceSum(%3) axes=[1] keepDims=false
 */
export function printGraph(graph: Graph, values?: readonly Value[]): string {
  const nodes = values === undefined ? graph.nodes : nodesReaching(graph, values);
  const read = new Set(nodes.flatMap((node) => node.inputs).concat(values ?? []));
  const inputs = graph.inputs.filter((input) => values === undefined || read.has(input));
  const lines = inputs.map((input) => `${nameOf(input)}: ${printType(input.type)} = input`);
  lines.push(...nodes.map(printNode));
  if (values !== undefined) lines.push(`return ${values.map(nameOf).join(', ')}`);
  return lines.join('\n');
}

export function printNode({ op, inputs, attributes, outputs }: GraphNode): string {
  const results = outputs.map((output) => `${nameOf(output)}: ${printType(output.type)}`).join(', ');
  const settings = Object.entries(attributes).map(([key, held]) => ` ${key}=${printAttribute(held)}`);
  return `${results} = ${op}(${inputs.map(nameOf).join(', ')})${settings.join('')}`;
}

/** The name of an input or constant, the content of a small constant, or %id. */
function nameOf({ id, type, source }: Value): string {
  if (source.kind === 'input') return source.name;
  if (source.kind === 'node') return `%${id}`;
  if (source.name !== null) return source.name;
  const { data } = source.tensor;
  if (data.length > WRITTEN_OUT_LIMIT || type.dtype === 'float16') return `constant ${printType(type)}`;
  return type.shape.length === 0 ? String(data[0]) : `{${data.join(',')}}`;
}

function printType({ dtype, shape }: TensorType): string {
  return `${dtype}[${shape.join(',')}]`;
}

function printAttribute(held: unknown): string {
  return Array.isArray(held) ? `[${held.join(',')}]` : String(held);
}
