/** @file Import rules of Slice and Pad, which cut off and add to the ends of axes. */
import { shapeOf, type Graph, type Value } from '../../../graph/graph.ts';
import { constant, gather, int64Constant, pad, slice } from '../../../ops/build.ts';
import { normalizeAxis } from '../../../tensor/shape.ts';
import { limited, type ImportRules } from '../import-rule.ts';
import type { ImportSite } from '../import-site.ts';

/** Attributes before opset 10, inputs since: how far each axis is cut, as in Python. */
function sliced(site: ImportSite): Value {
  const x = site.input(0);
  const shape = shapeOf(x);
  const starts = site.attributeOrNumbers('starts', 1) ?? site.refuse('it has no starts');
  const ends = site.attributeOrNumbers('ends', 2) ?? site.refuse('it has no ends');
  const axes = site.attributeOrNumbers('axes', 3) ?? starts.map((_, index) => index);
  const steps = site.numbers(4, 'steps') ?? starts.map(() => 1);
  const ranges = axes.map((named, index) => {
    const axis = normalizeAxis(named, shape.length);
    return normalized(axis, starts[index]!, ends[index]!, steps[index]!, shape[axis]!);
  });
  const emptied = ranges.filter(({ count }) => count === 0);
  if (emptied.length > 0) {
    // Shape arithmetic cuts nothing out of a list of extents; images are never cut to nothing.
    const empty = emptied.reduce<readonly number[]>((all, { axis }) => all.with(axis, 0), shape);
    return constant(site.graph, empty, [], x.type.dtype);
  }
  return slice(site.graph, x, ranges);
}

/** A range within the axis; `end` is left out where it lies before the first element. */
function normalized(axis: number, start: number, end: number, step: number, extent: number) {
  const [low, high] = step > 0 ? [0, extent] : [-1, extent - 1];
  const clamp = (position: number) =>
    Math.min(high, Math.max(low, position < 0 ? position + extent : position));
  const [first, last] = [clamp(start), clamp(end)];
  const count = Math.max(0, Math.ceil((last - first) / step));
  return { axis, start: first, step, count, ...(last < 0 ? {} : { end: last }) };
}

/** Which element of an axis each element of the padded axis repeats. */
const sourceOf: Readonly<Record<string, (position: number, extent: number) => number>> = {
  edge: (position, extent) => Math.min(Math.max(position, 0), extent - 1),
  wrap: (position, extent) => ((position % extent) + extent) % extent,
  // Back and forth between the ends, which are not repeated.
  reflect: (position, extent) => {
    const period = Math.max(2 * (extent - 1), 1);
    const within = ((position % period) + period) % period;
    return within < extent ? within : period - within;
  },
};

/** Repeats elements of x along each axis that grows. */
function repeatEnds(
  graph: Graph,
  x: Value,
  before: readonly number[],
  after: readonly number[],
  source: (position: number, extent: number) => number,
): Value {
  return shapeOf(x).reduce((value, extent, axis) => {
    const [front, back] = [before[axis]!, after[axis]!];
    if (front === 0 && back === 0) return value;
    const positions = Array.from({ length: front + extent + back }, (_, index) =>
      source(index - front, extent),
    );
    return gather(graph, value, int64Constant(graph, positions), axis);
  }, x);
}

/** Attributes before opset 11, inputs since. Negative widths cut off. */
function padded(site: ImportSite): Value {
  const { graph } = site;
  const x = site.input(0);
  const rank = shapeOf(x).length;
  const widths = site.attributeOrNumbers('pads', 1) ?? site.refuse('it has no widths');
  const named = site.numbers(3, 'axes') ?? shapeOf(x).map((_, axis) => axis);
  const axes = named.map((axis) => normalizeAxis(axis, rank));
  const widthsFrom = (offset: number): number[] =>
    axes.reduce(
      (all, axis, index) => all.with(axis, widths[offset + index]!),
      Array.from({ length: rank }, () => 0),
    );
  const [front, back] = [widthsFrom(0), widthsFrom(axes.length)];
  const cut = cutNegative(graph, x, front, back);
  const [before, after] = [front, back].map((list) => list.map((width) => Math.max(width, 0)));
  const mode = site.text('mode', 'constant');
  const source = sourceOf[mode];
  if (source !== undefined) return repeatEnds(graph, cut, before!, after!, source);
  if (mode !== 'constant') return site.refuse(`padding mode ${mode} is not known`);
  const value = site.numbers(2, 'value')?.[0] ?? site.float('value', 0);
  return pad(graph, cut, before!, after!, value);
}

function cutNegative(graph: Graph, x: Value, front: readonly number[], back: readonly number[]): Value {
  const ranges = shapeOf(x).map((extent, axis) => ({
    axis,
    start: Math.max(-front[axis]!, 0),
    end: extent - Math.max(-back[axis]!, 0),
  }));
  return slice(graph, x, ranges);
}

export const slicingRules: ImportRules = {
  Slice: limited('known ranges', (site) => [sliced(site)]),
  Pad: limited('known widths and value', (site) => [padded(site)]),
};
