/** @file Lowering of reductions. Sums over leading axes of tall matrices go through a row of ones: MatMul is several times faster. */
import { intAttribute } from '../../onnx/model.ts';
import { elementCount, type Shape } from '../../tensor/tensor.ts';
import type { Lowering, Lowerings, LoweringSite } from './rule.ts';

type Reduction = 'ReduceSum' | 'ReduceMean' | 'ReduceMax' | 'ReduceMin';

function plain({ emitter, node, inputs, attributes }: LoweringSite<Reduction>): readonly string[] {
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
function sumOrMean(site: LoweringSite<'ReduceSum'> | LoweringSite<'ReduceMean'>): readonly string[] {
  const { emitter, node, inputs, attributes } = site;
  const { dtype, shape } = node.inputs[0]!.type;
  const split = splitAxes(attributes.axes, shape.length);
  if (split === null || !isTall(shape, split) || (dtype !== 'float32' && dtype !== 'float64'))
    return plain(site);
  const rows = elementCount(shape.slice(0, split.leading));
  const columns = elementCount(shape.slice(split.leading, shape.length - split.trailing));
  let partial = inputs[0]!;
  if (split.trailing > 0) {
    const trailingAxes = attributes.axes.slice(split.leading);
    partial = emitter.emit(node.op, [partial, emitter.int64s(trailingAxes)], { keepdims: intAttribute(0) });
  }
  const weights = emitter.filled(dtype, [1, rows], node.op === 'ReduceMean' ? 1 / rows : 1);
  const total = emitter.emit('MatMul', [weights, emitter.reshape(partial, [rows, columns])]);
  return [emitter.reshape(total, node.outputs[0]!.type.shape)];
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

export const reductionLowerings = {
  ReduceSum: sumOrMean,
  ReduceMean: sumOrMean,
  ReduceMax: plain,
  ReduceMin: plain,
  ArgMax: argMax,
} satisfies Partial<Lowerings>;
