/**
 * @file Replays a calculation once for all samples: values that differ between samples get a leading sample axis, the others stay as they
 * are. For the short calculations between a parameter and the place where it meets the batch, and for whole networks of which there are many copies
 * with parameters of their own: then a "sample" is a copy.
 */
import { AppError } from '../base/app-error.ts';
import { present } from '../base/assert.ts';
import { shapeOf, type Graph, type GraphNode, type Value } from '../graph/graph.ts';
import type { OpAttributes, OpName } from '../graph/op-attributes.ts';
import { printNode } from '../graph/print.ts';
import { apply, applyAll } from '../ops/apply.ts';
import { expand, reshape } from '../ops/build.ts';
import { copyInto, nodesBetween } from './copy-graph.ts';
import { copiedConvolution, copiedPlanes } from './vectorize-windows.ts';

/** An input of a replayed node: `sampled` ones have shape [N, …own]. */
interface Operand {
  readonly value: Value;
  readonly sampled: boolean;
}

interface VectorSite<Op extends OpName> {
  readonly graph: Graph;
  readonly node: GraphNode<Op>;
  readonly attributes: OpAttributes[Op];
  readonly operands: readonly Operand[];
  readonly batchSize: number;
}

type VectorRule<Op extends OpName> = (site: VectorSite<Op>) => readonly Value[];

/**
 * `value` of another graph for every sample, in `target`: [N, …shape]. `sampled` are values of the other graph that differ between samples, with
 * their [N, …] counterparts in `target`; `shared` the same for values that do not.
 */
export function copyPerSample(
  target: Graph,
  value: Value,
  sampled: ReadonlyMap<Value, Value>,
  shared: ReadonlyMap<Value, Value>,
): Value {
  const batchSize = present(shapeOf(present([...sampled.values()][0], 'a sampled value'))[0], 'N');
  const known = new Map<Value, Operand>(
    [...sampled].map(([from, to]) => [from, { value: to, sampled: true }]),
  );
  const operandOf = (from: Value): Operand =>
    known.get(from) ?? { value: copyInto(target, [from], shared)[0]!, sampled: false };
  for (const node of nodesBetween([value], known)) {
    const operands = node.inputs.map(operandOf);
    if (!operands.some((operand) => operand.sampled)) continue;
    const rule = vectorRules[node.op] as VectorRule<OpName> | undefined;
    if (rule === undefined) throw unsupported(node);
    const outputs = rule({ graph: target, node, attributes: node.attributes, operands, batchSize });
    node.outputs.forEach((output, index) => known.set(output, { value: outputs[index]!, sampled: true }));
  }
  const found = operandOf(value);
  return withSampleAxis(target, found, shapeOf(value).length, batchSize);
}

function unsupported(node: GraphNode): AppError {
  return new AppError('model-parameter-unsupported', { op: node.op, node: printNode(node) });
}

/** Ready to broadcast against operands of `rank` own axes: the sample axis stays in front. */
function padded(graph: Graph, { value, sampled }: Operand, rank: number): Value {
  if (!sampled) return value;
  const [batchSize, ...own] = shapeOf(value) as [number, ...number[]];
  const ones = Array.from({ length: rank - own.length }, () => 1);
  return reshape(graph, value, [batchSize, ...ones, ...own]);
}

/** [N, …own] whether it differs between samples or not. */
function withSampleAxis(graph: Graph, operand: Operand, rank: number, batchSize: number): Value {
  if (operand.sampled) return padded(graph, operand, rank);
  return expand(graph, operand.value, [batchSize, ...shapeOf(operand.value)]);
}

function rankOf(node: GraphNode): number {
  return Math.max(...node.inputs.map((input) => shapeOf(input).length));
}

/** Operators that broadcast, or treat the last axes alone. */
const broadcast = <Op extends OpName>({ graph, node, attributes, operands }: VectorSite<Op>) => {
  const rank = rankOf(node);
  return applyAll(
    graph,
    node.op,
    operands.map((operand) => padded(graph, operand, rank)),
    attributes,
  );
};

const reduction = <Op extends 'ReduceSum' | 'ReduceMean' | 'ReduceMax' | 'ReduceMin'>({
  graph,
  node,
  operands,
}: VectorSite<Op>) => {
  const { axes, keepDims } = node.attributes;
  const attributes = { axes: axes.map((axis) => axis + 1), keepDims };
  return [
    apply<'ReduceSum' | 'ReduceMean' | 'ReduceMax' | 'ReduceMin'>(
      graph,
      node.op,
      [operands[0]!.value],
      attributes,
    ),
  ];
};

/** Operators on the planes of images. */
const planes = <Op extends 'MaxPool' | 'AveragePool' | 'UpsampleNearest' | 'DownsampleSum'>(
  site: VectorSite<Op>,
) => copiedPlanes(site.node.op, site);

/** The operand at `index` must be the same for all samples. */
function expectShared<Op extends OpName>({ node, operands }: VectorSite<Op>, index: number): Value {
  const { value, sampled } = operands[index]!;
  if (sampled) throw unsupported(node);
  return value;
}

const vectorRules: { readonly [Op in OpName]?: VectorRule<Op> } = {
  Add: broadcast,
  Sub: broadcast,
  Mul: broadcast,
  Div: broadcast,
  Pow: broadcast,
  Max: broadcast,
  Min: broadcast,
  Neg: broadcast,
  Abs: broadcast,
  Sign: broadcast,
  Exp: broadcast,
  Log: broadcast,
  Sqrt: broadcast,
  Reciprocal: broadcast,
  Sigmoid: broadcast,
  Tanh: broadcast,
  Erf: broadcast,
  Floor: broadcast,
  Sin: broadcast,
  Cos: broadcast,
  Clip: broadcast,
  Relu: broadcast,
  ReluMask: broadcast,
  StopGradient: broadcast,
  Cast: broadcast,
  Equal: broadcast,
  Greater: broadcast,
  GreaterOrEqual: broadcast,
  Less: broadcast,
  LessOrEqual: broadcast,
  And: broadcast,
  Or: broadcast,
  Not: broadcast,
  Where: broadcast,
  MatMul: broadcast,
  Standardize: broadcast,
  Softmax: broadcast,
  LogSoftmax: broadcast,
  Reshape: ({ graph, attributes, operands, batchSize }) => [
    reshape(graph, operands[0]!.value, [batchSize, ...attributes.shape]),
  ],
  Transpose: ({ graph, attributes, operands }) => {
    const permutation = [0, ...attributes.permutation.map((axis) => axis + 1)];
    return [apply(graph, 'Transpose', [operands[0]!.value], { permutation })];
  },
  Expand: ({ graph, attributes, operands, batchSize }) => [
    expand(graph, padded(graph, operands[0]!, attributes.shape.length), [batchSize, ...attributes.shape]),
  ],
  Slice: ({ graph, attributes: { starts, ends, steps }, operands, batchSize }) => [
    apply(graph, 'Slice', [operands[0]!.value], {
      starts: [0, ...starts],
      ends: [batchSize, ...ends],
      steps: [1, ...steps],
    }),
  ],
  Pad: ({ graph, attributes: { before, after, value }, operands }) => [
    apply(graph, 'Pad', [operands[0]!.value], { before: [0, ...before], after: [0, ...after], value }),
  ],
  Concat: ({ graph, node, attributes, operands, batchSize }) => {
    const rank = rankOf(node);
    const values = operands.map((operand) => withSampleAxis(graph, operand, rank, batchSize));
    return [apply(graph, 'Concat', values, { axis: attributes.axis + 1 })];
  },
  Gather: (site) => {
    const indices = expectShared(site, 1);
    return [
      apply(site.graph, 'Gather', [site.operands[0]!.value, indices], { axis: site.attributes.axis + 1 }),
    ];
  },
  ScatterAdd: (site) => {
    const { graph, attributes, operands, batchSize } = site;
    const indices = expectShared(site, 1);
    const shape = [batchSize, ...attributes.shape];
    return [apply(graph, 'ScatterAdd', [operands[0]!.value, indices], { axis: attributes.axis + 1, shape })];
  },
  ReduceSum: reduction,
  ReduceMean: reduction,
  ReduceMax: reduction,
  ReduceMin: reduction,
  Conv: copiedConvolution,
  MaxPool: planes,
  AveragePool: planes,
  UpsampleNearest: planes,
  DownsampleSum: planes,
};
