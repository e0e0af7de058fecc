/**
 * @file Windows (convolution, pooling, resampling) replayed for many copies of their operands. What only looks at planes
 * takes the copies as more images.
 */
import { shapeOf, type Graph, type Value } from '../graph/graph.ts';
import type { ConvGeometry, OpAttributes, OpName } from '../graph/op-attributes.ts';
import { applyAll } from '../ops/apply.ts';
import { add, concat, expand, matMul, pad, reshape, slice, transpose } from '../ops/build.ts';

/** An operand and whether it has a leading axis of copies. */
interface Copied {
  readonly value: Value;
  readonly sampled: boolean;
}

interface WindowSite<Op extends OpName> {
  readonly graph: Graph;
  readonly attributes: OpAttributes[Op];
  readonly operands: readonly Copied[];
  /** B */
  readonly batchSize: number;
}

/** x [B, N, C, H, W] or [N, C, H, W], w [B, O, C/group, kh, kw] → [B, N, O, H', W']. */
export function copiedConvolution(site: WindowSite<'Conv'>): readonly Value[] {
  return [site.attributes.group === 1 ? productOfColumns(site) : groupedConvolution(site)];
}

/**
 * As a product of matrices for each copy, which also makes its gradient by the kernel one product over all images; as groups of one convolution it took
 * several times as long.
 */
function productOfColumns({ graph, attributes, operands, batchSize }: WindowSite<'Conv'>): Value {
  const [x, w, bias] = operands as readonly [Copied, Copied, Copied?];
  const [outputs, inputs, height, width] = shapeOf(w.value).slice(-4) as [number, number, number, number];
  const { columns, images, plane } = columnsOf(graph, x.value, [height, width], attributes);
  const kernel = transpose(graph, repeated(graph, w, batchSize), [0, 1, 3, 4, 2]);
  const rows = reshape(graph, kernel, [batchSize, outputs, height * width * inputs]);
  const product = matMul(graph, rows, columns);
  const biases =
    bias === undefined ? null : reshape(graph, repeated(graph, bias, batchSize), [batchSize, outputs, 1]);
  const y = biases === null ? product : add(graph, product, biases);
  return transpose(graph, reshape(graph, y, [batchSize, outputs, images, ...plane]), [0, 2, 1, 3, 4]);
}

/** What each tap of a kernel sees, [(B,) taps · C, N · H' · W'], of images [(B,) N, C, H, W]. */
function columnsOf(
  graph: Graph,
  x: Value,
  kernel: readonly [number, number],
  { strides, dilations, pads }: ConvGeometry,
): { columns: Value; images: number; plane: readonly [number, number] } {
  const lead = shapeOf(x).length - 4;
  const axes = [lead + 1, lead, lead + 2, lead + 3];
  const channelsFirst = transpose(graph, x, lead === 0 ? axes : [0, ...axes]);
  const still = [0, 0, 0].slice(0, lead + 2);
  const padded = pad(graph, channelsFirst, [...still, pads[0], pads[1]], [...still, pads[2], pads[3]]);
  const [images, rows, across] = shapeOf(padded).slice(-3) as [number, number, number];
  const extent = (axis: 0 | 1, all: number): number =>
    Math.floor((all - dilations[axis] * (kernel[axis] - 1) - 1) / strides[axis]) + 1;
  const plane = [extent(0, rows), extent(1, across)] as const;
  const taps: Value[] = [];
  for (let row = 0; row < kernel[0]; row++)
    for (let column = 0; column < kernel[1]; column++) {
      const range = (axis: 0 | 1, tap: number) => {
        const start = tap * dilations[axis];
        const end = start + (plane[axis] - 1) * strides[axis] + 1;
        return { axis: lead + 2 + axis, start, end, step: strides[axis] };
      };
      taps.push(slice(graph, padded, [range(0, row), range(1, column)]));
    }
  const columns = concat(graph, taps, lead);
  const front = shapeOf(columns).slice(0, lead + 1);
  return { columns: reshape(graph, columns, [...front, images * plane[0] * plane[1]]), images, plane };
}

/** With groups of its own: one convolution of B times as many. */
function groupedConvolution({ graph, attributes, operands, batchSize }: WindowSite<'Conv'>): Value {
  const [x, w, bias] = operands as readonly [Copied, Copied, Copied?];
  const kernel = firstTwoAsOne(graph, repeated(graph, w, batchSize));
  const biases = bias === undefined ? [] : [reshape(graph, repeated(graph, bias, batchSize), [-1])];
  const group = batchSize * attributes.group;
  const inputs = [copiesAsChannels(graph, x, batchSize), kernel, ...biases];
  const [y] = applyAll(graph, 'Conv', inputs, { ...attributes, group });
  const [count, channels, ...plane] = shapeOf(y!) as [number, number, number, number];
  const apart = reshape(graph, y!, [count, batchSize, channels / batchSize, ...plane]);
  return transpose(graph, apart, [1, 0, 2, 3, 4]);
}

/** Of operators that work within the planes of [N, C, H, W]: copies are further images. */
export function copiedPlanes<Op extends OpName>(
  op: Op,
  { graph, attributes, operands, batchSize }: WindowSite<Op>,
): readonly Value[] {
  const images = firstTwoAsOne(graph, operands[0]!.value);
  const outputs = applyAll(graph, op, [images], attributes);
  return outputs.map((output) => {
    const [count, ...rest] = shapeOf(output) as [number, ...number[]];
    return reshape(graph, output, [batchSize, count / batchSize, ...rest]);
  });
}

/** [B, N, C, H, W] → [N, B·C, H, W]. */
function copiesAsChannels(graph: Graph, x: Copied, batchSize: number): Value {
  const copies = transpose(graph, repeated(graph, x, batchSize), [1, 0, 2, 3, 4]);
  const [count, , channels, ...plane] = shapeOf(copies) as [number, number, number, number, number];
  return reshape(graph, copies, [count, batchSize * channels, ...plane]);
}

function repeated(graph: Graph, { value, sampled }: Copied, batchSize: number): Value {
  return sampled ? value : expand(graph, value, [batchSize, ...shapeOf(value)]);
}

function firstTwoAsOne(graph: Graph, value: Value): Value {
  const [first, second, ...rest] = shapeOf(value) as [number, number, ...number[]];
  return reshape(graph, value, [first * second, ...rest]);
}
