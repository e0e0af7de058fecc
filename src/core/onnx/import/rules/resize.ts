/** @file Import rules of Resize and Upsample: copying pixels is a Gather, interpolating is a product with a constant matrix, axis by axis. */
import type { Graph, Value } from '../../../graph/graph.ts';
import { constant, gather, int64Constant, matMul, transpose, upsampleNearest } from '../../../ops/build.ts';
import { normalizeAxis } from '../../../tensor/shape.ts';
import { limited, whole, type ImportRules } from '../import-rule.ts';
import type { ImportSite } from '../import-site.ts';
import {
  coordinateRules,
  cubicKernel,
  interpolationMatrix,
  linearKernel,
  nearestPixels,
  roundingRules,
  type CoordinateRule,
  type InterpolationOptions,
  type ResizeAxis,
} from './interpolation.ts';

interface NumberedAxis extends ResizeAxis {
  readonly axis: number;
}

function importResize(site: ImportSite, axes: readonly NumberedAxis[]): Value {
  const coordinate = coordinateRuleOf(site);
  const changed = axes.filter(({ from, to, scale }) => from !== to || scale !== 1);
  return site.text('mode', 'nearest') === 'nearest'
    ? copyPixels(site, changed, coordinate)
    : interpolate(site, changed, interpolationOf(site, coordinate));
}

function coordinateRuleOf(site: ImportSite): CoordinateRule {
  const rule = site.text('coordinate_transformation_mode', site.opset < 11 ? 'asymmetric' : 'half_pixel');
  return coordinateRules[rule] ?? site.refuse(`its coordinate transformation ${rule} is not supported`);
}

function copyPixels(site: ImportSite, axes: readonly NumberedAxis[], coordinate: CoordinateRule): Value {
  const { graph } = site;
  const name = site.text('nearest_mode', site.opset < 11 ? 'simple' : 'round_prefer_floor');
  const round = roundingRules[name] ?? site.refuse(`its rounding ${name} is not supported`);
  const sources = axes.map((axis) => ({ ...axis, pixels: nearestPixels(axis, coordinate, round) }));
  const x = site.input(0);
  const scale = wholeRepetition(x, sources);
  if (scale !== null) return upsampleNearest(graph, x, scale);
  return sources.reduce(
    (image, { axis, pixels }) => gather(graph, image, int64Constant(graph, pixels), axis),
    x,
  );
}

/** How often every pixel of an image is repeated along both of its axes; null where something else is done. */
function wholeRepetition(
  x: Value,
  sources: readonly (NumberedAxis & { readonly pixels: readonly number[] })[],
): number | null {
  const [high, wide] = sources;
  if (x.type.shape.length !== 4 || sources.length !== 2 || high?.axis !== 2 || wide?.axis !== 3) return null;
  const scale = high.to / high.from;
  const repeats = sources.every(
    ({ from, to, pixels }) =>
      to === from * scale && pixels.every((source, pixel) => source === Math.floor(pixel / scale)),
  );
  return Number.isInteger(scale) && repeats ? scale : null;
}

function interpolationOf(site: ImportSite, coordinate: CoordinateRule): InterpolationOptions {
  const mode = site.text('mode', 'nearest');
  if (mode !== 'linear' && mode !== 'cubic') site.refuse(`its mode ${mode} is not supported`);
  return {
    coordinate,
    kernel: mode === 'linear' ? linearKernel : cubicKernel(site.float('cubic_coeff_a', -0.75)),
    antialias: site.int('antialias', 0) !== 0,
    excludeOutside: site.int('exclude_outside', 0) !== 0,
  };
}

function interpolate(site: ImportSite, axes: readonly NumberedAxis[], options: InterpolationOptions): Value {
  return axes.reduce((image, axis) => {
    const matrix = constant(site.graph, [axis.to, axis.from], interpolationMatrix(axis, options));
    return multiplyAlong(site.graph, image, matrix, axis.axis);
  }, site.input(0));
}

/** The matrix applied to every row along `axis`. */
function multiplyAlong(graph: Graph, x: Value, matrix: Value, axis: number): Value {
  const rank = x.type.shape.length;
  if (axis === rank - 1) return matMul(graph, x, matrix, { transposeB: true });
  if (axis === rank - 2) return matMul(graph, matrix, x);
  const swap = x.type.shape.map((_, index) =>
    index === axis ? rank - 1 : index === rank - 1 ? axis : index,
  );
  return transpose(graph, matMul(graph, transpose(graph, x, swap), matrix, { transposeB: true }), swap);
}

/** One entry per resized axis: from the scales, or from the sizes that are wanted. */
function resizedAxes(site: ImportSite): NumberedAxis[] {
  const { shape } = site.input(0).type;
  const axes =
    site.ints('axes')?.map((axis) => normalizeAxis(axis, shape.length)) ?? shape.map((_, axis) => axis);
  const isLong = site.opset >= 11;
  const scales = site.numbers(isLong ? 2 : 1, 'scales') ?? [];
  if (scales.length > 0) return fromScales(site, axes, scales);
  const sizes = (isLong ? site.numbers(3, 'sizes') : null) ?? [];
  if (sizes.length !== axes.length) site.refuse(`it has ${sizes.length} sizes for ${axes.length} axes`);
  return fromSizes(site, axes, sizes);
}

function fromScales(site: ImportSite, axes: readonly number[], scales: readonly number[]): NumberedAxis[] {
  if (scales.length !== axes.length) site.refuse(`it has ${scales.length} scales for ${axes.length} axes`);
  const { shape } = site.input(0).type;
  return axes.map((axis, index) => {
    const [from, scale] = [shape[axis]!, scales[index]!];
    return { axis, from, to: Math.floor(from * scale), scale };
  });
}

function fromSizes(site: ImportSite, axes: readonly number[], sizes: readonly number[]): NumberedAxis[] {
  const { shape } = site.input(0).type;
  const ratios = axes.map((axis, index) => sizes[index]! / shape[axis]!);
  const policy = site.text('keep_aspect_ratio_policy', 'stretch');
  const common = policy === 'not_larger' ? Math.min(...ratios) : Math.max(...ratios);
  return axes.map((axis, index) => {
    const from = shape[axis]!;
    return policy === 'stretch'
      ? { axis, from, to: sizes[index]!, scale: ratios[index]! }
      : { axis, from, to: Math.floor(from * common + 0.5), scale: common };
  });
}

/** Upsample gives its scales as an attribute, later as its second input. */
function upsampledAxes(site: ImportSite): NumberedAxis[] {
  const scales = site.attributeOrNumbers('scales', 1) ?? site.refuse('it has no scales');
  return fromScales(
    site,
    site.input(0).type.shape.map((_, axis) => axis),
    scales,
  );
}

export const resizeRules: ImportRules = {
  Resize: limited('scales and sizes known when the file is read; without tf_crop_and_resize', (site) => [
    importResize(site, resizedAxes(site)),
  ]),
  Upsample: whole((site) => [importResize(site, upsampledAxes(site))]),
};
