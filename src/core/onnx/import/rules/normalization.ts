/** @file Import rules of normalisation. Statistics that a file stores are frozen; those of the batch are never taken. */
import type { Graph, Value } from '../../../graph/graph.ts';
import {
  abs,
  add,
  alongChannels,
  averagePool,
  constant,
  div,
  isFilledWith,
  maximum,
  mean,
  mul,
  pow,
  reciprocal,
  reshape,
  sqrt,
  standardize,
  sub,
  sum,
} from '../../../ops/build.ts';
import { normalizeAxis } from '../../../tensor/shape.ts';
import { elementCount } from '../../../tensor/tensor.ts';
import { limited, whole, type ImportRules } from '../import-rule.ts';
import type { ImportSite } from '../import-site.ts';

/** By vectors of one number per channel, placed along axis 1 of x. */
function affineByChannel(graph: Graph, x: Value, scale: Value, shift: Value): Value {
  const { length } = x.type.shape;
  return add(graph, mul(graph, x, alongChannels(graph, scale, length)), alongChannels(graph, shift, length));
}

/**
 * (x − mean)·scale/√(variance + epsilon) + shift with the stored statistics, also where the file asks for those of the batch, which
 * would tie the samples to each other.
 */
function importBatchNorm(site: ImportSite): readonly Value[] {
  const { graph } = site;
  if (site.int('spatial', 1) === 0) site.refuse('statistics for every position of the map are not supported');
  const x = site.input(0);
  const [scale, shift] = [site.input(1, 'parameter'), site.input(2, 'parameter')];
  const [average, variance] = [site.numbers(3, 'mean'), site.numbers(4, 'variance')];
  if (average === null || variance === null) return site.refuse('it has no stored mean and variance');
  const epsilon = site.float('epsilon', 1e-5);
  const factors = variance.map((number) => 1 / Math.sqrt(number + epsilon));
  const rank = x.type.shape.length;
  const vector = (numbers: readonly number[]) => constant(graph, [numbers.length], numbers);
  const centred = add(graph, x, alongChannels(graph, vector(average.map((number) => -number)), rank));
  const y = affineByChannel(graph, centred, mul(graph, scale, vector(factors)), shift);
  return [y, site.input(3, 'frozen'), site.input(4, 'frozen')];
}

/** Standardises each of `groupCount` equal parts of a sample's channels. */
function standardizeGroups(graph: Graph, x: Value, groupCount: number, epsilon: number): Value {
  const { shape } = x.type;
  const grouped = reshape(graph, x, [shape[0]!, groupCount, -1]);
  return reshape(graph, standardize(graph, grouped, epsilon).standardized, shape);
}

/** A scale of ones and a shift of zeros under an invented name are the exporter's, not the model's. */
function importInstanceNorm(site: ImportSite): Value {
  const { graph } = site;
  const x = site.input(0);
  const isIdle = isFilledWith(site.input(1, 'frozen'), 1) && isFilledWith(site.input(2, 'frozen'), 0);
  const role = isIdle ? 'value' : 'parameter';
  const standardized = standardizeGroups(graph, x, x.type.shape[1]!, site.float('epsilon', 1e-5));
  return affineByChannel(graph, standardized, site.input(1, role), site.input(2, role));
}

/** Scale and shift hold one number per group in operator set 18, one per channel from 21 on. */
function importGroupNorm(site: ImportSite): Value {
  const { graph } = site;
  const x = site.input(0);
  const channels = x.type.shape[1]!;
  const groupCount = site.int('num_groups', 0);
  if (groupCount < 1 || channels % groupCount !== 0) {
    site.refuse(`${channels} channels do not split into ${groupCount} groups`);
  }
  const [scale, shift] = [site.input(1, 'parameter'), site.input(2, 'parameter')];
  const standardized = standardizeGroups(graph, x, groupCount, site.float('epsilon', 1e-5));
  if (site.opset >= 21) return affineByChannel(graph, standardized, scale, shift);
  const grouped = reshape(graph, standardized, [x.type.shape[0]!, groupCount, -1]);
  return reshape(graph, affineByChannel(graph, grouped, scale, shift), x.type.shape);
}

interface LayerNormParts {
  readonly scale: Value;
  readonly shift: Value | null;
  readonly axis: number;
  readonly epsilon: number;
}

/** y, the mean, and 1/√(variance + epsilon) over all axes from `axis` on. */
function layerNormOutputs(graph: Graph, x: Value, parts: LayerNormParts): readonly Value[] {
  const { shape } = x.type;
  const axis = normalizeAxis(parts.axis, shape.length);
  const outer = shape.slice(0, axis);
  const { standardized, factor } = standardize(graph, reshape(graph, x, [...outer, -1]), parts.epsilon);
  const scaled = mul(graph, reshape(graph, standardized, shape), parts.scale);
  const y = parts.shift === null ? scaled : add(graph, scaled, parts.shift);
  const inner = shape.slice(axis);
  const average = mean(graph, x, { axes: inner.map((_, index) => axis + index), keepDims: true });
  return [y, average, reshape(graph, factor, [...outer, ...inner.map(() => 1)])];
}

function importLayerNorm(site: ImportSite): readonly Value[] {
  return layerNormOutputs(site.graph, site.input(0), {
    scale: site.input(1, 'parameter'),
    shift: site.optional(2, 'parameter'),
    axis: site.int('axis', -1),
    epsilon: site.float('epsilon', 1e-5),
  });
}

/** x/√(mean(x²) + epsilon)·scale over all axes from `axis` on, and the factor. */
function rmsNormOutputs(
  graph: Graph,
  x: Value,
  scale: Value,
  axis: number,
  epsilon: number,
): readonly Value[] {
  const first = normalizeAxis(axis, x.type.shape.length);
  const axes = x.type.shape.flatMap((_, index) => (index >= first ? [index] : []));
  const power = mean(graph, mul(graph, x, x), { axes, keepDims: true });
  const factor = reciprocal(graph, sqrt(graph, add(graph, power, epsilon)));
  return [mul(graph, mul(graph, x, factor), scale), factor];
}

function importRmsNorm(site: ImportSite): readonly Value[] {
  const epsilon = site.float('epsilon', 1e-5);
  const scale = site.input(1, 'parameter');
  return rmsNormOutputs(site.graph, site.input(0), scale, site.int('axis', -1), epsilon);
}

/** Input + skip + bias; inputs differ between the two operators that begin with it. */
function skipSum(site: ImportSite, biasIndex: number): Value {
  const sum = add(site.graph, site.input(0), site.input(1));
  const bias = site.optional(biasIndex, 'parameter');
  return bias === null ? sum : add(site.graph, sum, bias);
}

function importSkipLayerNorm(site: ImportSite): readonly Value[] {
  const sum = skipSum(site, 4);
  const parts = {
    scale: site.input(2, 'parameter'),
    shift: site.optional(3, 'parameter'),
    axis: -1,
    epsilon: site.float('epsilon', 1e-12),
  };
  return [...layerNormOutputs(site.graph, sum, parts), sum];
}

function importSkipRmsNorm(site: ImportSite): readonly Value[] {
  const total = skipSum(site, 3);
  const scale = site.input(2, 'parameter');
  const [y, factor] = rmsNormOutputs(site.graph, total, scale, -1, site.float('epsilon', 1e-12));
  return [y!, mean(site.graph, total, { axes: [-1], keepDims: true }), factor!, total];
}

/** What the operator's own definition adds to the deviation. */
const DEVIATION_FLOOR = 1e-9;

function importMeanVariance(site: ImportSite): Value {
  const { graph } = site;
  const x = site.input(0);
  const axes = site.ints('axes') ?? [0, 2, 3];
  const centred = sub(graph, x, mean(graph, x, { axes, keepDims: true }));
  const deviation = sqrt(graph, mean(graph, mul(graph, centred, centred), { axes, keepDims: true }));
  return div(graph, centred, add(graph, deviation, DEVIATION_FLOOR));
}

/** Keeps a vector of zeros one, and its slope finite. */
const POWER_FLOOR = 1e-30;

function importLpNorm(site: ImportSite): Value {
  const { graph } = site;
  const x = site.input(0);
  const along = { axes: [site.int('axis', -1)], keepDims: true };
  const total = sum(graph, site.int('p', 2) === 1 ? abs(graph, x) : mul(graph, x, x), along);
  const kept = maximum(graph, total, POWER_FLOOR);
  return div(graph, x, site.int('p', 2) === 1 ? kept : sqrt(graph, kept));
}

/** x/(bias + alpha·m)^beta with m the mean square of the neighbouring channels, those beyond the first and the last counting as 0. */
function importLocalResponseNorm(site: ImportSite): Value {
  const { graph } = site;
  const x = site.input(0);
  const [samples, channels, ...extents] = x.type.shape as [number, number, ...number[]];
  const size = site.int('size', 1);
  const maps = reshape(graph, mul(graph, x, x), [samples, 1, channels, elementCount(extents)]);
  const pads = [Math.floor((size - 1) / 2), 0, Math.ceil((size - 1) / 2), 0] as const;
  const powers = averagePool(graph, maps, [size, 1], { stride: 1, pads, countPadding: true });
  const factor = add(
    graph,
    mul(graph, reshape(graph, powers, x.type.shape), site.float('alpha', 1e-4)),
    site.float('bias', 1),
  );
  return div(graph, x, pow(graph, factor, site.float('beta', 0.75)));
}

export const normalizationRules: ImportRules = {
  BatchNormalization: limited(
    'with the stored statistics, also where the file is in training form',
    importBatchNorm,
  ),
  InstanceNormalization: whole((site) => [importInstanceNorm(site)]),
  GroupNormalization: whole((site) => [importGroupNorm(site)]),
  LayerNormalization: whole(importLayerNorm),
  RMSNormalization: whole(importRmsNorm),
  SimplifiedLayerNormalization: whole(importRmsNorm),
  MeanVarianceNormalization: limited(
    'over the batch, its default, no image has a gradient of its own',
    (site) => [importMeanVariance(site)],
  ),
  LpNormalization: whole((site) => [importLpNorm(site)]),
  LRN: whole((site) => [importLocalResponseNorm(site)]),
  'com.microsoft.SkipLayerNormalization': whole(importSkipLayerNorm),
  'com.microsoft.SkipSimplifiedLayerNormalization': whole(importSkipRmsNorm),
};
