/** @file Lowering of reductions. Sums over leading axes of tall matrices go through a row of ones: MatMul is several times faster. */
import { intAttribute } from '../../onnx/model.ts';
import { elementCount, sameShape, type Shape } from '../../tensor/tensor.ts';
import type { Lowering, Lowerings, LoweringSite } from './rule.ts';

type SumSite = LoweringSite<'ReduceSum'> | LoweringSite<'ReduceMean'>;
type Reduction = 'ReduceSum' | 'ReduceMean' | 'ReduceMax' | 'ReduceMin';

/** The ONNX operator as it is. */
export function plainReduction({
  emitter,
  node,
  inputs,
  attributes,
}: LoweringSite<Reduction>): readonly string[] {
  const { axes, keepDims } = attributes;
  if (axes.length === 0) return inputs;
  return [
    emitter.emit(node.op, [inputs[0]!, emitter.int64s(axes)], { keepdims: intAttribute(keepDims ? 1 : 0) }),
  ];
}

/** How many of the axes run from the front, and how many up to the back; null where others lie between. */
function splitAxes(axes: readonly number[], rank: number): { leading: number; trailing: number } | null {
  let leading = 0;
  while (axes[leading] === leading) leading++;
  let trailing = 0;
  while (trailing < axes.length - leading && axes[axes.length - 1 - trailing] === rank - 1 - trailing)
    trailing++;
  return leading + trailing === axes.length ? { leading, trailing } : null;
}

/** The trailing axes first (free in a row-major layout), then a row of weights times the rest. */
function sumOrMean(site: SumSite): readonly string[] {
  const { emitter, node, attributes } = site;
  const { dtype, shape } = node.inputs[0]!.type;
  const split = splitAxes(attributes.axes, shape.length);
  if (split === null || (dtype !== 'float32' && dtype !== 'float64')) return plainReduction(site);
  const tall = isTall(shape, split);
  const product = productSum(site, split.trailing);
  if (!tall && (product === null || split.leading > 0)) return plainReduction(site);
  const partial = product ?? trailingSum(site, attributes.axes.slice(split.leading));
  const outputShape = node.outputs[0]!.type.shape;
  if (!tall) return [emitter.reshape(partial, outputShape)];
  const rows = elementCount(shape.slice(0, split.leading));
  const columns = elementCount(shape.slice(split.leading, shape.length - split.trailing));
  const weights = emitter.filled(dtype, [1, rows], node.op === 'ReduceMean' ? 1 / rows : 1);
  const total = emitter.emit('MatMul', [weights, emitter.reshape(partial, [rows, columns])]);
  return [emitter.reshape(total, outputShape)];
}

function trailingSum({ emitter, node, inputs }: SumSite, axes: readonly number[]): string {
  if (axes.length === 0) return inputs[0]!;
  return emitter.emit(node.op, [inputs[0]!, emitter.int64s(axes)], { keepdims: intAttribute(0) });
}

/** From this length on, a row times a column beats multiplying element by element and summing: nothing is written in between. */
const LONG_ROW = 512;

/** Σ a·b over the trailing axes as batched inner products; null where the input is no product, or the rows are short. */
function productSum({ emitter, node, nameOf }: SumSite, trailing: number): string | null {
  const { type, source } = node.inputs[0]!;
  const length = elementCount(type.shape.slice(type.shape.length - trailing));
  if (trailing === 0 || length < LONG_ROW || source.kind !== 'node' || source.node.op !== 'Mul') return null;
  const factors = source.node.inputs;
  if (!factors.every((factor) => sameShape(factor.type.shape, type.shape))) return null;
  const rows = elementCount(type.shape) / length;
  const [left, right] = factors.map((factor) => emitter.reshape(nameOf(factor), [rows, 1, length]));
  const sums = emitter.emit('MatMul', [left!, emitter.transpose(right!, [0, 2, 1])]);
  if (node.op === 'ReduceSum') return sums;
  // Reshaped first: ORT would pull a factor right behind into the product, which then loses its fast path for single rows.
  return emitter.emit('Mul', [emitter.reshape(sums, [rows]), emitter.filled(type.dtype, [], 1 / length)]);
}

function isTall(shape: Shape, split: { leading: number; trailing: number }): boolean {
  const rows = elementCount(shape.slice(0, split.leading));
  const columns = elementCount(shape.slice(split.leading, shape.length - split.trailing));
  return rows > 1 && columns > 1;
}

const argMax: Lowering<'ArgMax'> = ({ emitter, inputs, attributes }) => [
  emitter.emit('ArgMax', inputs, {
    axis: intAttribute(attributes.axis),
    keepdims: intAttribute(attributes.keepDims ? 1 : 0),
  }),
];

/** The second output of ONNX's operator: the positions. */
const topK: Lowering<'TopK'> = ({ emitter, inputs, attributes }) => {
  const largest = { largest: intAttribute(attributes.largest ? 1 : 0) };
  return [emitter.emitAll('TopK', [inputs[0]!, emitter.int64s([attributes.count])], largest, 2)[1]!];
};

export const reductionLowerings = {
  ReduceSum: sumOrMean,
  ReduceMean: sumOrMean,
  ReduceMax: plainReduction,
  ReduceMin: plainReduction,
  ArgMax: argMax,
  TopK: topK,
} satisfies Partial<Lowerings>;
