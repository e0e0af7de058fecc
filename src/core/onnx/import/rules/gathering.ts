/** @file Import rules of the operators that pick elements: by index, by size, by being other than zero. */
import { shapeOf, type Graph, type Value } from '../../../graph/graph.ts';
import {
  argMax,
  equal,
  expand,
  flip,
  gather,
  gatherElements,
  int64Constant,
  neg,
  reshape,
  slice,
  sub,
  topK,
  transpose,
  where,
} from '../../../ops/build.ts';
import { normalizeAxis, stridesOf } from '../../../tensor/shape.ts';
import { elementCount, numbersOf, type Shape } from '../../../tensor/tensor.ts';
import { limited, stepwise, whole, type ImportRule, type ImportRules } from '../import-rule.ts';
import type { ImportSite } from '../import-site.ts';
import { flatPositions, fromFront, knownNumbers } from './element-positions.ts';

/** Neighbours in rising order are a slice, whose gradient is a padding and not a scattering. */
function gathered(site: ImportSite): Value {
  const { graph } = site;
  const x = site.input(0, 'value');
  const shape = shapeOf(x);
  const axis = normalizeAxis(site.int('axis', 0), shape.length);
  const indices = fromFront(graph, site.input(1, 'frozen'), shape[axis]!);
  const numbers = knownNumbers(indices);
  const isRun =
    numbers !== null && numbers.length > 0 && numbers.every((index, at) => index === numbers[0]! + at);
  if (!isRun) return gather(graph, x, indices, axis);
  const run = slice(graph, x, [{ axis, start: numbers[0]!, end: numbers[0]! + numbers.length }]);
  return reshape(graph, run, [...shape.slice(0, axis), ...shapeOf(indices), ...shape.slice(axis + 1)]);
}

/** Index tuples along the axes after `batch_dims`: those axes are taken as one, in which the tuples are positions. */
function gatheredByTuples(site: ImportSite): Value {
  const { graph } = site;
  const x = site.input(0);
  const tuples = site.input(1, 'frozen');
  const batchRank = site.int('batch_dims', 0);
  const width = shapeOf(tuples).at(-1)!;
  const [batch, indexed, rest] = splitShape(shapeOf(x), batchRank, batchRank + width);
  const positions = flatPositions(graph, tuples, indexed);
  const result = [...shapeOf(positions), ...rest];
  if (batchRank === 0) {
    return reshape(
      graph,
      gather(graph, reshape(graph, x, [elementCount(indexed), ...rest]), positions),
      result,
    );
  }
  const [samples, inner] = [elementCount(batch), elementCount(rest)];
  const lines = reshape(graph, x, [samples, elementCount(indexed), inner]);
  const count = elementCount(shapeOf(positions)) / samples;
  const everywhere = expand(graph, reshape(graph, positions, [samples, count, 1]), [samples, count, inner]);
  return reshape(graph, gatherElements(graph, lines, everywhere, 1), result);
}

function splitShape(shape: Shape, first: number, second: number): [Shape, Shape, Shape] {
  return [shape.slice(0, first), shape.slice(first, second), shape.slice(second)];
}

function swapWithLast(rank: number, axis: number): number[] {
  return Array.from({ length: rank }, (_, index) =>
    index === axis ? rank - 1 : index === rank - 1 ? axis : index,
  );
}

/** Values through their positions, so that gradients reach the elements that were chosen. */
function largestElements(site: ImportSite): Value[] {
  const { graph } = site;
  const x = site.input(0);
  const rank = shapeOf(x).length;
  const axis = normalizeAxis(site.int('axis', -1), rank);
  const count = site.opset < 10 ? site.int('k', 1) : site.numbers(1, 'count')?.[0];
  if (count === undefined) return site.refuse('it has no count');
  const swap = swapWithLast(rank, axis);
  const lines = transpose(graph, x, swap);
  const positions = topK(graph, lines, count, site.int('largest', 1) === 1);
  const values = gatherElements(graph, lines, positions, rank - 1);
  return [transpose(graph, values, swap), transpose(graph, positions, swap)];
}

const extremePosition = (change: (graph: Graph, x: Value) => Value): ImportRule =>
  stepwise((site) => {
    const { graph } = site;
    const x = change(graph, site.input(0));
    const axis = normalizeAxis(site.int('axis', 0), shapeOf(x).length);
    const keepDims = site.int('keepdims', 1) === 1;
    if (site.int('select_last_index', 0) === 0) return [argMax(graph, x, axis, keepDims)];
    const fromBack = argMax(graph, flip(graph, x, [axis]), axis, keepDims);
    return [sub(graph, shapeOf(x)[axis]! - 1, fromBack)];
  });

/** The second value where a position is named, the first elsewhere. */
function oneHot(site: ImportSite): Value {
  const { graph } = site;
  const depth = site.numbers(1, 'depth')?.[0] ?? site.refuse('it has no depth');
  const indices = fromFront(graph, site.input(0), depth);
  const rank = shapeOf(indices).length + 1;
  const axis = normalizeAxis(site.int('axis', -1), rank);
  const column = reshape(graph, indices, [
    ...shapeOf(indices).slice(0, axis),
    1,
    ...shapeOf(indices).slice(axis),
  ]);
  const line = Array.from({ length: rank }, (_, index) => (index === axis ? depth : 1));
  const positions = int64Constant(
    graph,
    Array.from({ length: depth }, (_, position) => position),
    line,
  );
  const [off, on] = [0, 1].map((at) =>
    reshape(graph, slice(graph, site.input(2), [{ axis: 0, start: at, end: at + 1 }]), []),
  ) as [Value, Value];
  return where(graph, equal(graph, column, positions), on, off);
}

/** [rank, count]: a column of coordinates per element other than zero. */
function nonZero(site: ImportSite): Value {
  const tensor = site.knownTensor(0) ?? site.refuse('how many elements it finds depends on the image');
  const found = Array.from(numbersOf(tensor).entries()).flatMap(([flat, number]) =>
    number === 0 ? [] : [flat],
  );
  const coordinates = stridesOf(tensor.shape).flatMap((stride, axis) =>
    found.map((flat) => Math.floor(flat / stride) % tensor.shape[axis]!),
  );
  return int64Constant(site.graph, coordinates, [tensor.shape.length, found.length]);
}

export const gatheringRules: ImportRules = {
  Gather: whole((site) => [gathered(site)]),
  GatherElements: whole((site) => {
    const x = site.input(0);
    const axis = normalizeAxis(site.int('axis', 0), shapeOf(x).length);
    const indices = fromFront(site.graph, site.input(1, 'frozen'), shapeOf(x)[axis]!);
    return [gatherElements(site.graph, x, indices, axis)];
  }),
  GatherND: whole((site) => [gatheredByTuples(site)]),
  TopK: limited('known counts', largestElements),
  ArgMax: extremePosition((_, x) => x),
  ArgMin: extremePosition(neg),
  OneHot: limited('known depths', (site) => [oneHot(site)]),
  NonZero: stepwise((site) => [nonZero(site)], 'known inputs'),
};
