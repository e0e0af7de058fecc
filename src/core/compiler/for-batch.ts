/** @file What a graph computes of one sample, computed of many: for models that were written down for a batch of one. */
import { assert, present } from '../base/assert.ts';
import { shapeOf, type Graph, type GraphNode, type Value } from '../graph/graph.ts';
import type { OpAttributes, OpName } from '../graph/op-attributes.ts';
import { applyAll } from '../ops/apply.ts';
import { expand, reshape } from '../ops/build.ts';
import type { Shape } from '../tensor/tensor.ts';
import { flatStrides, type BatchAxis } from './batch-axis.ts';
import { batchLayout, type BatchLayout } from './batch-layout.ts';
import { resultAxes, sameAxis } from './batch-rules.ts';
import { copyInto, nodesBetween } from './copy-graph.ts';

/**
 * Copies in `target` of `values`, which depend on the `inputs` with one row each. Their counterparts there have a row for each of N samples, and
 * so have the copies, wherever the samples lie. Throws `model-mixes-samples` where the samples cannot be told apart.
 */
export function copyForBatch(
  target: Graph,
  values: readonly Value[],
  inputs: ReadonlyMap<Value, Value>,
): Value[] {
  const layout = batchLayout(values, [...inputs.keys()]);
  assert(layout.batchSize === 1, 'the graph is for one sample');
  const batchSize = present([...inputs.values()][0]?.type.shape[0], 'a row for each sample');
  const copies = new Map(inputs);
  const copyOf = (value: Value): Value => {
    const copy = copies.get(value) ?? copyInto(target, [value], copies)[0]!;
    copies.set(value, copy);
    return copy;
  };
  for (const node of nodesBetween(values, inputs)) {
    const taken = layout.axisOf(node.outputs[0]!);
    const axis = taken === null ? null : resultAxis(node, taken, layout);
    const operands = node.inputs.map((input) => {
      const isShared = axis !== null && layout.axisOf(input) === null;
      return isShared ? besideSamples(target, node, copyOf(input), axis, batchSize) : copyOf(input);
    });
    const attributes = axis === null ? node.attributes : attributesForBatch(node, axis, batchSize);
    const outputs = applyAll(target, node.op, operands, attributes);
    node.outputs.forEach((output, index) => {
      const copy = outputs[index]!;
      // Of one sample this reshape does nothing, so the single graph may have gone without it.
      const shape = taken === null ? shapeOf(copy) : grown(shapeOf(output), taken, batchSize);
      copies.set(output, reshape(target, copy, shape));
    });
  }
  return values.map(copyOf);
}

/** Where the operator itself leaves the samples that are then taken to lie at `taken`. */
function resultAxis(node: GraphNode, taken: BatchAxis, layout: BatchLayout): BatchAxis {
  const inputAxes = node.inputs.map(layout.axisOf);
  const found = resultAxes({ node, inputAxes, batchSize: layout.batchSize });
  const shape = shapeOf(node.outputs[0]!);
  const { outer, inner } = flatStrides(shape, taken);
  const isSamePlace = (axis: BatchAxis): boolean => {
    const strides = flatStrides(shape, axis);
    return strides.outer === outer && strides.inner === inner;
  };
  return present(found.find((axis) => sameAxis(axis, taken)) ?? found.find(isSamePlace), 'a batch axis');
}

function grown(shape: Shape, { axis, before, after }: BatchAxis, batchSize: number): Shape {
  return shape.with(axis, before * batchSize * after);
}

/** Attributes that hold an extent or a position for every axis of the output. */
const perAxis: ReadonlySet<string> = new Set(['shape', 'inputShape', 'starts', 'ends']);

/** Along the batch axis there is N times as much. */
function attributesForBatch(node: GraphNode, { axis }: BatchAxis, batchSize: number): OpAttributes[OpName] {
  const grown = Object.entries(node.attributes).map(([key, held]: [string, unknown]) => {
    if (!perAxis.has(key)) return [key, held];
    const numbers = held as readonly number[];
    return [key, numbers.with(axis, numbers[axis]! * batchSize)];
  });
  return Object.fromEntries(grown) as OpAttributes[OpName];
}

/** Operators whose operands lie beside one another, extent by extent, and do not broadcast. */
const withoutBroadcasting: ReadonlySet<OpName> = new Set(['Concat', 'GatherElements']);
/** Operators whose operands have axes of their own. */
const unaligned: ReadonlySet<OpName> = new Set(['Gather', 'Conv', 'ConvInputGradient', 'ScatterAdd']);

/** An operand that is the same for all samples, repeated where the samples beside it lie along an axis that it has too. */
function besideSamples(
  graph: Graph,
  { op, outputs }: GraphNode,
  operand: Value,
  { axis, before, after }: BatchAxis,
  batchSize: number,
): Value {
  const shape = shapeOf(operand);
  const rank = shapeOf(outputs[0]!).length;
  const own = axis - (rank - shape.length);
  const isFactorSide = op === 'MatMul' && axis >= rank - 2;
  if (unaligned.has(op) || isFactorSide || own < 0) return operand;
  if (shape[own] === 1 && !withoutBroadcasting.has(op)) return operand;
  const [outer, inner] = [shape.slice(0, own), shape.slice(own + 1)];
  const apart = reshape(graph, operand, [...outer, before, 1, after, ...inner]);
  const repeated = expand(graph, apart, [...outer, before, batchSize, after, ...inner]);
  return reshape(graph, repeated, [...outer, before * batchSize * after, ...inner]);
}
