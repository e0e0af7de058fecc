/**
 * @file How every operator passes on the batch axis: a total table. A rule is asked only where an input is batched; it returns the axis of
 * the outputs, or null where the operator combines samples.
 */
import { present } from '../base/assert.ts';
import { shapeOf, type GraphNode, type Value } from '../graph/graph.ts';
import type { OpName, ReduceAttributes } from '../graph/op-attributes.ts';
import { elementCount, sameShape, type Shape } from '../tensor/tensor.ts';
import { flatStrides, type BatchAxis } from './batch-axis.ts';

export interface LayoutSite<Op extends OpName = OpName> {
  readonly node: GraphNode<Op>;
  /** One per input; null: the same for all samples. At least one is not null. */
  readonly inputAxes: readonly (BatchAxis | null)[];
  readonly batchSize: number;
}

type LayoutRule<Op extends OpName> = (site: LayoutSite<Op>) => BatchAxis | null | readonly BatchAxis[];
type LayoutRules = { readonly [Op in OpName]: LayoutRule<Op> };

/** Where the operator leaves the samples, likeliest first; nothing where it combines them. More than one only in a batch of one. */
export function resultAxes(site: LayoutSite): readonly BatchAxis[] {
  // Indexing a mapped type by a union loses the correlation that the table itself guarantees.
  const rule = layoutRules[site.node.op] as unknown as LayoutRule<OpName>;
  const result = rule(site);
  if (result === null) return [];
  return 'axis' in result ? [result] : result;
}

/**
 * Where the samples may be taken to lie in the outputs. In a batch of one, every axis that leaves the elements where they are: a reshape that
 * would do nothing there is not in the graph.
 */
export function possibleAxes(site: LayoutSite): readonly BatchAxis[] {
  const found = resultAxes(site);
  if (site.batchSize > 1 || site.node.outputs.length > 1) return found;
  const shape = shapeOf(site.node.outputs[0]!);
  const others = found.flatMap((axis) => placeIn(shape, flatStrides(shape, axis), [], 1));
  return [...found, ...others].filter(
    (axis, index, all) => all.findIndex((other) => sameAxis(axis, other)) === index,
  );
}

export function sameAxis(a: BatchAxis, b: BatchAxis): boolean {
  return a.axis === b.axis && a.before === b.before && a.after === b.after;
}

/** The one axis that all of `axes` agree on; null where two differ. */
function common(axes: readonly (BatchAxis | null)[]): BatchAxis | null {
  const batched = axes.filter((axis) => axis !== null);
  const first = present(batched[0], 'a batched input');
  return batched.every((axis) => sameAxis(axis, first)) ? first : null;
}

function shifted(batch: BatchAxis, by: number): BatchAxis {
  return { ...batch, axis: batch.axis + by };
}

/** The axis as it lies in a shape of `rank` axes to which `value` broadcasts. */
function aligned(value: Value, batch: BatchAxis | null, rank: number): BatchAxis | null {
  return batch === null ? null : shifted(batch, rank - shapeOf(value).length);
}

function extentOf({ before, after }: BatchAxis, batchSize: number): number {
  return before * batchSize * after;
}

const broadcast = ({ node, inputAxes, batchSize }: LayoutSite): BatchAxis | null => {
  const shape = shapeOf(node.outputs[0]!);
  const found = common(inputAxes.map((axis, index) => aligned(node.inputs[index]!, axis, shape.length)));
  return found !== null && shape[found.axis] === extentOf(found, batchSize) ? found : null;
};

const same = ({ inputAxes }: LayoutSite): BatchAxis | null => common(inputAxes);

/** Works within the last axis. */
const alongLastAxis = ({ node, inputAxes }: LayoutSite): BatchAxis | null =>
  inputAxes[0]!.axis === shapeOf(node.inputs[0]!).length - 1 ? null : inputAxes[0]!;

/** Works within the planes of [N, C, H, W]. */
const withinPlanes = ({ inputAxes }: LayoutSite): BatchAxis | null => {
  const found = common(inputAxes);
  return found !== null && found.axis <= 1 ? found : null;
};

/** Both of the first two inputs have samples in their first axis, or the first alone. */
const convolution = ({ inputAxes: [x, w, bias] }: LayoutSite): BatchAxis | null =>
  x?.axis === 0 && w === null && (bias ?? null) === null ? x : null;

const reduction = ({
  node,
  inputAxes,
}: LayoutSite<'ReduceSum' | 'ReduceMean' | 'ReduceMax' | 'ReduceMin'>): BatchAxis | null =>
  afterReducing(inputAxes[0]!, node.attributes);

function afterReducing(batch: BatchAxis, { axes, keepDims }: ReduceAttributes): BatchAxis | null {
  if (axes.includes(batch.axis)) return null;
  return keepDims ? batch : shifted(batch, -axes.filter((axis) => axis < batch.axis).length);
}

/**
 * Where `outer` rounds of N samples of `inner` elements lie in `shape`. Several axes may do where N and others are 1: first comes an axis of
 * samples alone, then the one before the axes `tail` that used to follow, then one in which samples come first, as models write them.
 */
export function placeIn(
  shape: Shape,
  { outer, inner }: { readonly outer: number; readonly inner: number },
  tail: Shape,
  batchSize: number,
): readonly BatchAxis[] {
  const places = shape.flatMap((extent, axis): BatchAxis[] => {
    const before = outer / elementCount(shape.slice(0, axis));
    const after = inner / elementCount(shape.slice(axis + 1));
    const fits = Number.isInteger(before) && Number.isInteger(after) && before * batchSize * after === extent;
    return fits ? [{ axis, before, after }] : [];
  });
  const cost = ({ axis, before, after }: BatchAxis): number => {
    if (before === 1 && after === 1) return 0;
    if (tail.length > 0 && sameShape(shape.slice(axis + 1), tail)) return 1;
    return before === 1 ? 2 : 3;
  };
  return places.sort((a, b) => cost(a) - cost(b) || a.axis - b.axis);
}

function reshaped({ node, inputAxes, batchSize }: LayoutSite<'Reshape'>): readonly BatchAxis[] {
  const from = shapeOf(node.inputs[0]!);
  const batch = inputAxes[0]!;
  return placeIn(node.attributes.shape, flatStrides(from, batch), from.slice(batch.axis + 1), batchSize);
}

const gather = ({ node, inputAxes: [data, indices] }: LayoutSite<'Gather'>): BatchAxis | null => {
  const { axis } = node.attributes;
  if (data !== null && indices !== null) return null;
  if (indices) return shifted(indices, axis);
  if (data!.axis === axis) return null;
  return data!.axis < axis ? data! : shifted(data!, shapeOf(node.inputs[1]!).length - 1);
};

const scatterAdd = ({ node, inputAxes: [values, indices] }: LayoutSite<'ScatterAdd'>): BatchAxis | null => {
  const { axis } = node.attributes;
  const width = shapeOf(node.inputs[1]!).length;
  if (!values || indices || (values.axis >= axis && values.axis < axis + width)) return null;
  return values.axis < axis ? values : shifted(values, 1 - width);
};

/** Moves elements along `axis` only. */
const acrossLines = ({
  node,
  inputAxes,
}: LayoutSite<'GatherElements' | 'ScatterElementsAdd'>): BatchAxis | null => {
  const found = common(inputAxes);
  return found?.axis === node.attributes.axis ? null : found;
};

const slice = ({ node, inputAxes, batchSize }: LayoutSite<'Slice'>): BatchAxis | null => {
  const batch = inputAxes[0]!;
  const { starts, ends, steps } = node.attributes;
  const round = batchSize * batch.after;
  const [start, end] = [starts[batch.axis]!, ends[batch.axis]!];
  // Whole rounds may be taken, as of queries, keys and values one after another.
  const whole = steps[batch.axis] === 1 && start % round === 0 && end % round === 0;
  return whole ? { ...batch, before: (end - start) / round } : null;
};

const concat = ({ node, inputAxes }: LayoutSite<'Concat'>): BatchAxis | null => {
  const first = present(
    inputAxes.find((axis) => axis !== null),
    'a batched input',
  );
  if (first.axis !== node.attributes.axis) return common(inputAxes);
  const alike = inputAxes.every((axis) => axis?.axis === first.axis && axis.after === first.after);
  return alike ? { ...first, before: inputAxes.reduce((sum, axis) => sum + axis!.before, 0) } : null;
};

/** From rows or columns of a factor to those of the product; null where the product sums over the axis. */
function matrixAxis(
  value: Value,
  batch: BatchAxis | null,
  transposed: boolean,
  rank: number,
  kept: 'rows' | 'columns',
): BatchAxis | null | 'none' {
  if (batch === null) return 'none';
  const fromEnd = shapeOf(value).length - batch.axis;
  if (fromEnd > 2) return shifted(batch, rank - shapeOf(value).length);
  const isRow = (fromEnd === 2) !== transposed;
  if (isRow !== (kept === 'rows')) return null;
  return { ...batch, axis: isRow ? rank - 2 : rank - 1 };
}

const matMul = ({ node, inputAxes }: LayoutSite<'MatMul'>): BatchAxis | null => {
  const { transposeA, transposeB } = node.attributes;
  const rank = shapeOf(node.outputs[0]!).length;
  const left = matrixAxis(node.inputs[0]!, inputAxes[0]!, transposeA, rank, 'rows');
  const right = matrixAxis(node.inputs[1]!, inputAxes[1]!, transposeB, rank, 'columns');
  if (left === null || right === null) return null;
  if (left === 'none') return right === 'none' ? null : right;
  return right === 'none' || sameAxis(left, right) ? left : null;
};

/** Flat positions lie within their own plane where a MaxPool made them. */
const flatPositions = ({
  node,
  inputAxes,
}: LayoutSite<'FlatGather' | 'FlatScatterAdd'>): BatchAxis | null => {
  const { source } = node.inputs[1]!;
  const found = inputAxes.every((axis) => axis !== null) ? common(inputAxes) : null;
  const pooled = source.kind === 'node' && source.node.op === 'MaxPool';
  return found !== null && pooled && found.axis <= 1 ? found : null;
};

const layoutRules: LayoutRules = {
  Add: broadcast,
  Sub: broadcast,
  Mul: broadcast,
  Div: broadcast,
  Pow: broadcast,
  Max: broadcast,
  Min: broadcast,
  Neg: same,
  Abs: same,
  Sign: same,
  Exp: same,
  Log: same,
  Sqrt: same,
  Reciprocal: same,
  Sigmoid: same,
  Tanh: same,
  Erf: same,
  Floor: same,
  Sin: same,
  Cos: same,
  Relu: same,
  Clip: same,
  ReluMask: same,
  StopGradient: same,
  Cast: same,
  Equal: broadcast,
  Greater: broadcast,
  GreaterOrEqual: broadcast,
  Less: broadcast,
  LessOrEqual: broadcast,
  And: broadcast,
  Or: broadcast,
  Not: same,
  Where: broadcast,
  ArgMax: ({ node, inputAxes }) =>
    afterReducing(inputAxes[0]!, { axes: [node.attributes.axis], keepDims: node.attributes.keepDims }),
  TopK: alongLastAxis,
  Reshape: reshaped,
  Transpose: ({ node, inputAxes }) => ({
    ...inputAxes[0]!,
    axis: node.attributes.permutation.indexOf(inputAxes[0]!.axis),
  }),
  Expand: broadcast,
  Slice: slice,
  Pad: ({ node, inputAxes }) => {
    const { axis } = inputAxes[0]!;
    return node.attributes.before[axis] === 0 && node.attributes.after[axis] === 0 ? inputAxes[0]! : null;
  },
  Concat: concat,
  Gather: gather,
  ScatterAdd: scatterAdd,
  GatherElements: acrossLines,
  ScatterElementsAdd: acrossLines,
  ReduceSum: reduction,
  ReduceMean: reduction,
  ReduceMax: reduction,
  ReduceMin: reduction,
  MatMul: matMul,
  Conv: convolution,
  ConvInputGradient: convolution,
  ConvWeightGradient: () => null,
  ConvPerSampleWeightGradient: ({ inputAxes }) => {
    const found = inputAxes.every((axis) => axis !== null) ? common(inputAxes) : null;
    return found?.axis === 0 ? found : null;
  },
  MaxPool: withinPlanes,
  FlatScatterAdd: flatPositions,
  FlatGather: flatPositions,
  AveragePool: withinPlanes,
  AveragePoolInputGradient: withinPlanes,
  Standardize: alongLastAxis,
  Softmax: alongLastAxis,
  LogSoftmax: alongLastAxis,
  UpsampleNearest: withinPlanes,
  DownsampleSum: withinPlanes,
};
