/**
 * @file Windows (convolution, pooling, resampling) replayed for many copies of their operands. Copies of a kernel become groups of channels; what
 * only looks at planes takes the copies as more images.
 */
import { shapeOf, type Graph, type Value } from '../graph/graph.ts';
import type { OpAttributes, OpName } from '../graph/op-attributes.ts';
import { applyAll } from '../ops/apply.ts';
import { expand, reshape, transpose } from '../ops/build.ts';

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

/**
 * x [B, N, C, H, W] or [N, C, H, W], w [B, O, C, kh, kw] → [B, N, O, H', W']: one convolution of B times as many groups. Images that all copies
 * share are not repeated where there are no groups: then the kernels of all copies are one kernel of B·O outputs.
 */
export function copiedConvolution(site: WindowSite<'Conv'>): readonly Value[] {
  const { graph, attributes, operands, batchSize } = site;
  const [x, w, bias] = operands as readonly [Copied, Copied, Copied?];
  const together = !x.sampled && attributes.group === 1;
  const images = together ? x.value : copiesAsChannels(graph, x, batchSize);
  const kernel = firstTwoAsOne(graph, repeated(graph, w, batchSize));
  const biases = bias === undefined ? [] : [reshape(graph, repeated(graph, bias, batchSize), [-1])];
  const group = together ? 1 : batchSize * attributes.group;
  const [y] = applyAll(graph, 'Conv', [images, kernel, ...biases], { ...attributes, group });
  const [count, channels, ...plane] = shapeOf(y!) as [number, number, number, number];
  const apart = reshape(graph, y!, [count, batchSize, channels / batchSize, ...plane]);
  return [transpose(graph, apart, [1, 0, 2, 3, 4])];
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
