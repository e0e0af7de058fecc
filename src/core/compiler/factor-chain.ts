/**
 * @file From a matrix that meets the batch back to the parameter it was made of, with its gradient left as factors: rowsᵀ·columns stays a
 * product through transposition, slices, scaling, sums, and products with other matrices (low-rank adapters).
 */
import { shapeOf, type Graph, type GraphNode, type Value } from '../graph/graph.ts';
import { matMul, mul, pad } from '../ops/build.ts';
import { elementCount, sameShape } from '../tensor/tensor.ts';
import { nodesBetween } from './copy-graph.ts';
import type { SiteGradient } from './site-gradients.ts';

export type FactorPair = Extract<SiteGradient, { kind: 'product' }>;

/** The parts of the gradient by `parameter`, to be summed; null where one of them is no product of factors. */
export function pullFactors(
  graph: Graph,
  pair: FactorPair,
  operand: Value,
  parameter: Value,
): readonly FactorPair[] | null {
  if (operand === parameter) return [pair];
  if (operand.source.kind !== 'node' || shapeOf(operand).length !== 2) return null;
  const { node } = operand.source;
  const parts: FactorPair[] = [];
  for (const [index, input] of node.inputs.entries()) {
    if (!dependsOn(input, parameter)) continue;
    const pulled = pullThrough(graph, pair, node, index, parameter);
    const found = pulled === null ? null : pullFactors(graph, pulled, input, parameter);
    if (found === null) return null;
    parts.push(...found);
  }
  return parts;
}

function dependsOn(value: Value, parameter: Value): boolean {
  if (value === parameter) return true;
  return nodesBetween([value], new Set([parameter])).some((node) => node.inputs.includes(parameter));
}

/** The gradient of one input of `node` from that of its output. */
function pullThrough(
  graph: Graph,
  pair: FactorPair,
  node: GraphNode,
  index: number,
  parameter: Value,
): FactorPair | null {
  switch (node.op) {
    case 'Transpose':
      return swapped(pair);
    case 'Add':
      return sameShape(shapeOf(node.inputs[index]!), shapeOf(node.outputs[0]!)) ? pair : null;
    case 'Mul': {
      const factor = node.inputs[1 - index]!;
      const isScale = elementCount(shapeOf(factor)) === 1 && !dependsOn(factor, parameter);
      return isScale ? { ...pair, rows: mul(graph, pair.rows, factor) } : null;
    }
    case 'Slice':
      return beforeSlice(graph, pair, node as GraphNode<'Slice'>);
    case 'MatMul':
      return beforeProduct(graph, pair, node as GraphNode<'MatMul'>, index, parameter);
    default:
      return null;
  }
}

function swapped({ kind, rows, columns }: FactorPair): FactorPair {
  return { kind, rows: columns, columns: rows };
}

/** Zeros where nothing was taken. */
function beforeSlice(
  graph: Graph,
  pair: FactorPair,
  { inputs, attributes }: GraphNode<'Slice'>,
): FactorPair | null {
  const { starts, ends, steps } = attributes;
  if (steps.some((step) => step !== 1)) return null;
  const shape = shapeOf(inputs[0]!);
  const widened = (value: Value, axis: 0 | 1): Value =>
    pad(graph, value, [0, 0, starts[axis]!], [0, 0, shape[axis]! - ends[axis]!]);
  return { ...pair, rows: widened(pair.rows, 0), columns: widened(pair.columns, 1) };
}

/** Of op(A)·op(B): to op(A) goes G·op(B)ᵀ, to op(B) goes op(A)ᵀ·G. */
function beforeProduct(
  graph: Graph,
  pair: FactorPair,
  { inputs, attributes }: GraphNode<'MatMul'>,
  index: number,
  parameter: Value,
): FactorPair | null {
  const { transposeA, transposeB } = attributes;
  const [left, right] = [inputs[0]!, inputs[1]!];
  const other = index === 0 ? right : left;
  if (dependsOn(other, parameter) || shapeOf(left).length !== 2 || shapeOf(right).length !== 2) return null;
  if (index === 0) {
    const found = { ...pair, columns: matMul(graph, pair.columns, right, { transposeB: !transposeB }) };
    return transposeA ? swapped(found) : found;
  }
  const found = { ...pair, rows: matMul(graph, pair.rows, left, { transposeB: transposeA }) };
  return transposeB ? swapped(found) : found;
}
