/** @file Import rules of the reductions. */
import { shapeOf, type Graph, type Value } from '../../../graph/graph.ts';
import {
  abs,
  add,
  cast,
  constant,
  exp,
  log,
  matMul,
  max,
  mean,
  min,
  mul,
  reshape,
  slice,
  sqrt,
  stopGradient,
  sub,
  sum,
  transpose,
} from '../../../ops/build.ts';
import { normalizeAxes, normalizeAxis, reducedShape } from '../../../tensor/shape.ts';
import { elementCount, isFloat } from '../../../tensor/tensor.ts';
import { limited, whole, type ImportRule, type ImportRules } from '../import-rule.ts';
import type { ImportSite } from '../import-site.ts';

interface Options {
  readonly axes: readonly number[];
  readonly keepDims: boolean;
}
type Reduce = (graph: Graph, x: Value, options: Options) => Value;

/** An attribute in older opsets, an input in newer ones. No axes means all, unless `noop_with_empty_axes` makes it none. */
function optionsOf(site: ImportSite): Options {
  const rank = site.shapeOf(0).length;
  const named = site.attributeOrNumbers('axes', 1) ?? [];
  const all = named.length === 0 && site.int('noop_with_empty_axes', 0) === 0;
  return {
    axes: all ? normalizeAxes(undefined, rank) : normalizeAxes(named, rank),
    keepDims: site.int('keepdims', 1) === 1,
  };
}

const reduction = (reduce: Reduce): ImportRule =>
  whole((site) => [reduce(site.graph, site.input(0), optionsOf(site))]);

const sumOfSquares: Reduce = (graph, x, options) => sum(graph, mul(graph, x, x), options);

/** With the largest element taken out first, so that nothing overflows; its choice does not change the result. */
const logSumExp: Reduce = (graph, x, options) => {
  const largest = stopGradient(graph, max(graph, x, { ...options, keepDims: true }));
  const shifted = log(graph, sum(graph, exp(graph, sub(graph, x, largest)), options));
  return add(graph, shifted, reshape(graph, largest, shapeOf(shifted)));
};

/** Products of more factors than this would be graphs of as many nodes. */
const MAX_FACTORS = 256;

/** The reduced axes brought to the end and multiplied up, element by element. */
function product(site: ImportSite): Value {
  const { graph } = site;
  const x = site.input(0);
  const { axes, keepDims } = optionsOf(site);
  const kept = shapeOf(x).flatMap((_, axis) => (axes.includes(axis) ? [] : [axis]));
  const shape = reducedShape(shapeOf(x), axes, keepDims);
  const count = elementCount(axes.map((axis) => shapeOf(x)[axis]!));
  if (count > MAX_FACTORS)
    site.refuse(`it multiplies ${count} elements; at most ${MAX_FACTORS} are supported`);
  if (count === 0) return constant(graph, shape, new Float64Array(elementCount(shape)).fill(1), x.type.dtype);
  const lines = reshape(graph, transpose(graph, x, [...kept, ...axes]), [elementCount(shape), count]);
  const factors = Array.from({ length: count }, (_, position) =>
    slice(graph, lines, [{ axis: 1, start: position, end: position + 1 }]),
  );
  return reshape(
    graph,
    factors.reduce((total, factor) => mul(graph, total, factor)),
    shape,
  );
}

/** Running sums along an axis: a product with a triangle of ones. */
function cumulativeSum(site: ImportSite): Value {
  const { graph } = site;
  const x = site.input(0);
  const rank = shapeOf(x).length;
  const axis = normalizeAxis(site.numbers(1, 'axis')?.[0] ?? 0, rank);
  const length = shapeOf(x)[axis]!;
  const [isReverse, gap] = [site.int('reverse', 0) === 1, site.int('exclusive', 0)];
  const ones = Array.from({ length: length * length }, (_, flat) => {
    const [from, to] = [Math.floor(flat / length), flat % length];
    return (isReverse ? from - to : to - from) >= gap ? 1 : 0;
  });
  const dtype = isFloat(x.type.dtype) ? x.type.dtype : 'float64';
  // Swapping two axes is its own inverse.
  const swap = shapeOf(x).map((_, index) => (index === axis ? rank - 1 : index === rank - 1 ? axis : index));
  const lines = transpose(graph, cast(graph, x, dtype), swap);
  const triangle = constant(graph, [length, length], ones, dtype);
  const rows = reshape(graph, lines, [-1, length]);
  const sums = reshape(graph, matMul(graph, rows, triangle), shapeOf(lines));
  return cast(graph, transpose(graph, sums, swap), x.type.dtype);
}

export const reductionRules: ImportRules = {
  ReduceSum: reduction(sum),
  ReduceMean: reduction(mean),
  ReduceMax: reduction(max),
  ReduceMin: reduction(min),
  ReduceProd: limited(`up to ${MAX_FACTORS} factors`, (site) => [product(site)]),
  ReduceSumSquare: reduction(sumOfSquares),
  ReduceL1: reduction((graph, x, options) => sum(graph, abs(graph, x), options)),
  ReduceL2: reduction((graph, x, options) => sqrt(graph, sumOfSquares(graph, x, options))),
  ReduceLogSum: reduction((graph, x, options) => log(graph, sum(graph, x, options))),
  ReduceLogSumExp: reduction(logSumExp),
  CumSum: limited('known axis', (site) => [cumulativeSum(site)]),
};
