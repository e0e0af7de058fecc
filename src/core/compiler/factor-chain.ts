/**
 * @file From a matrix or a kernel that meets the batch back to the parameter it was made of, with its gradient left as factors: rowsᵀ·columns
 * stays a product through transposition, slices, scaling, sums, and products with other matrices (low-rank adapters). A convolution's kernel
 * goes the same way as the matrix [O, C·kh·kw].
 */
import { shapeOf, type Graph, type GraphNode, type Value } from '../graph/graph.ts';
import { conv, matMul, mul, pad, reshape, transposeLast } from '../ops/build.ts';
import { elementCount, sameShape } from '../tensor/tensor.ts';
import { nodesBetween } from './copy-graph.ts';
import type { SiteGradient } from './site-gradients.ts';

type FactorPair = Extract<SiteGradient, { kind: 'product' }>;
type KernelGradient = Extract<SiteGradient, { kind: 'conv' }>;
type Factored = FactorPair | KernelGradient;

/** The parts of the gradient by `parameter`, to be summed; null where one of them cannot be left as factors. */
export function pullFactors(
  graph: Graph,
  factored: Factored,
  operand: Value,
  parameter: Value,
): readonly Factored[] | null {
  if (operand === parameter) return [factored];
  if (operand.source.kind !== 'node') return null;
  const { node } = operand.source;
  const parts: Factored[] = [];
  for (const [index, input] of node.inputs.entries()) {
    if (!dependsOn(input, parameter)) continue;
    const pulled =
      factored.kind === 'conv'
        ? pullKernelThrough(graph, factored, node, index, parameter)
        : pullThrough(graph, factored, node, index, parameter);
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
  if (shapeOf(node.outputs[0]!).length !== 2) return null;
  switch (node.op) {
    case 'Transpose':
      return swapped(pair);
    case 'Add':
      return sameShape(shapeOf(node.inputs[index]!), shapeOf(node.outputs[0]!)) ? pair : null;
    case 'Mul': {
      const factor = scaleBeside(node, index, parameter);
      return factor === null ? null : { ...pair, rows: mul(graph, pair.rows, factor) };
    }
    case 'Slice':
      return beforeSlice(graph, pair, node as GraphNode<'Slice'>);
    case 'MatMul':
      return beforeProduct(graph, pair, node as GraphNode<'MatMul'>, index, parameter);
    default:
      return null;
  }
}

/** The same for a kernel: through sums, scaling and changes of shape it stays one; a product with a matrix makes it a smaller one, or a pair. */
function pullKernelThrough(
  graph: Graph,
  kernel: KernelGradient,
  node: GraphNode,
  index: number,
  parameter: Value,
): Factored | null {
  if (kernel.geometry.group !== 1 || kernel.images !== 1) return null;
  switch (node.op) {
    case 'Add':
      return sameShape(shapeOf(node.inputs[index]!), shapeOf(node.outputs[0]!)) ? kernel : null;
    case 'Mul': {
      const factor = scaleBeside(node, index, parameter);
      return factor === null ? null : { ...kernel, delta: mul(graph, kernel.delta, factor) };
    }
    case 'Reshape': {
      const shape = shapeOf(node.inputs[0]!);
      return shape.length === 2 && shape[0] === kernel.weightShape[0] ? kernel : null;
    }
    case 'MatMul':
      return beforeKernelProduct(graph, kernel, node as GraphNode<'MatMul'>, index, parameter);
    default:
      return null;
  }
}

/** The single number that a product scales its other operand by. */
function scaleBeside({ inputs }: GraphNode, index: number, parameter: Value): Value | null {
  const factor = inputs[1 - index]!;
  return elementCount(shapeOf(factor)) === 1 && !dependsOn(factor, parameter) ? factor : null;
}

/**
 * The kernel is U·D, so that the convolution is one by D and one of 1×1 by U: to D goes the gradient of a convolution whose output has the
 * cotangent Uᵀδ, to U the product of δ and what the first convolution gives.
 */
function beforeKernelProduct(
  graph: Graph,
  kernel: KernelGradient,
  { inputs, attributes }: GraphNode<'MatMul'>,
  index: number,
  parameter: Value,
): Factored | null {
  const [up, down] = inputs as [Value, Value];
  const { x, delta, geometry, weightShape } = kernel;
  if (attributes.transposeA || attributes.transposeB || dependsOn(inputs[1 - index]!, parameter)) return null;
  const [count, channels, ...map] = shapeOf(delta) as [number, number, number, number];
  const rank = shapeOf(down)[0]!;
  const cotangent = reshape(graph, delta, [count, channels, -1]);
  const inner = weightShape.slice(1);
  if (index === 1) {
    const before = matMul(graph, up, cotangent, { transposeA: true });
    return {
      ...kernel,
      delta: reshape(graph, before, [count, rank, ...map]),
      weightShape: [rank, ...inner],
    };
  }
  const { strides: stride, dilations: dilation, pads } = geometry;
  const seen = conv(graph, x, reshape(graph, down, [rank, ...inner]), { stride, dilation, pads });
  return {
    kind: 'product',
    rows: transposeLast(graph, cotangent),
    columns: transposeLast(graph, reshape(graph, seen, [count, rank, -1])),
  };
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
