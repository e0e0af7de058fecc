/** @file Import rules of pooling. */
import type { Graph, Value } from '../../../graph/graph.ts';
import { abs, averagePool, constant, conv, maxPool, mean, pow, reshape, sum } from '../../../ops/build.ts';
import { elementCount } from '../../../tensor/tensor.ts';
import { limited, whole, type ImportRule, type ImportRules } from '../import-rule.ts';
import type { ImportSite } from '../import-site.ts';
import {
  asImages,
  expectRoom,
  planar,
  readWindow,
  windowCounts,
  type PlanarWindow,
  type SpatialWindow,
} from './spatial-window.ts';

type PoolImages = (graph: Graph, images: Value, window: PlanarWindow, ceil: boolean) => Value;

interface Pool {
  readonly x: Value;
  readonly extents: readonly number[];
  readonly window: SpatialWindow;
  readonly ceil: boolean;
}

function readPool(site: ImportSite): Pool {
  const x = site.input(0);
  const extents = x.type.shape.slice(2);
  const kernel = site.ints('kernel_shape') ?? site.refuse('it has no kernel_shape');
  const window = readWindow(site, extents, kernel);
  expectRoom(site, extents, window);
  return { x, extents, window, ceil: site.int('ceil_mode', 0) !== 0 };
}

function importPool(site: ImportSite, pool: PoolImages): Value {
  const { graph } = site;
  const { x, extents, window, ceil } = readPool(site);
  if (kernelIsPadding(window)) site.refuse('its padding is not less than its kernel');
  const flat = planar(extents, window);
  if (flat === null)
    return site.refuse(`it runs over ${extents.length} spatial axes; only one and two are supported`);
  const pooled = pool(graph, asImages(graph, x, flat.extents), flat.window, ceil);
  return reshape(graph, pooled, [...x.type.shape.slice(0, 2), ...windowCounts(extents, window, ceil)]);
}

/** A window that lies in the padding alone has no maximum and no average. */
function kernelIsPadding({ kernel, before, after }: SpatialWindow): boolean {
  return kernel.some((extent, axis) => before[axis]! >= extent || after[axis]! >= extent);
}

function importMaxPool(site: ImportSite): Value {
  if (site.outputCount > 1) site.refuse('positions of the maxima are not supported as an output');
  return importPool(site, (graph, images, { kernel, strides, dilations, pads }, ceil) =>
    maxPool(graph, images, kernel, { stride: strides, dilation: dilations, pads, ceil }),
  );
}

function importAveragePool(site: ImportSite): Value {
  const countPadding = site.int('count_include_pad', 0) !== 0;
  return importPool(site, (graph, images, { kernel, strides, dilations, pads }, ceil) =>
    averagePool(graph, images, kernel, { stride: strides, dilation: dilations, pads, ceil, countPadding }),
  );
}

/** (Σ|x|ᵖ)^(1/p) over each window: the sum is a convolution with ones. */
function importLpPool(site: ImportSite): Value {
  const { graph } = site;
  const { x, extents, window, ceil } = readPool(site);
  const counts = windowCounts(extents, window, ceil);
  const flat = planar(extents, ceil ? reachingAll(extents, window, counts) : window);
  if (flat === null)
    return site.refuse(`it runs over ${extents.length} spatial axes; only one and two are supported`);
  const exponent = site.int('p', 2);
  const { kernel, strides: stride, dilations: dilation, pads } = flat.window;
  const maps = reshape(graph, powerOf(graph, x, exponent), [-1, 1, ...flat.extents]);
  const ones = constant(
    graph,
    [1, 1, ...kernel],
    Array.from({ length: elementCount(kernel) }, () => 1),
  );
  const sums = conv(graph, maps, ones, { stride, dilation, pads });
  return reshape(graph, pow(graph, sums, 1 / exponent), [...x.type.shape.slice(0, 2), ...counts]);
}

/** With so much padding at the end that `counts` windows fit. */
function reachingAll(
  extents: readonly number[],
  window: SpatialWindow,
  counts: readonly number[],
): SpatialWindow {
  const after = extents.map((extent, axis) => {
    const reach = (window.kernel[axis]! - 1) * window.dilations[axis]! + 1;
    const end = (counts[axis]! - 1) * window.strides[axis]! + reach - window.before[axis]! - extent;
    return Math.max(window.after[axis]!, end);
  });
  return { ...window, after };
}

function powerOf(graph: Graph, x: Value, exponent: number): Value {
  return exponent % 2 === 0 ? pow(graph, x, exponent) : pow(graph, abs(graph, x), exponent);
}

function spatialAxes(x: Value): number[] {
  return x.type.shape.slice(2).map((_, axis) => axis + 2);
}

/** As one window over the whole map, so that of equal maxima only the first gets the gradient. */
function importGlobalMaxPool(graph: Graph, x: Value): Value {
  const [samples, channels, ...extents] = x.type.shape as [number, number, ...number[]];
  const area = elementCount(extents);
  const pooled = maxPool(graph, reshape(graph, x, [samples, channels, 1, area]), [1, area]);
  return reshape(graph, pooled, [samples, channels, ...extents.map(() => 1)]);
}

const planes = 'over one or two spatial axes';

const globally = (pool: (site: ImportSite, x: Value) => Value): ImportRule =>
  whole((site) => [pool(site, site.input(0))]);

export const poolingRules: ImportRules = {
  MaxPool: limited(`${planes}; without the output Indices`, (site) => [importMaxPool(site)]),
  AveragePool: limited(planes, (site) => [importAveragePool(site)]),
  LpPool: limited(planes, (site) => [importLpPool(site)]),
  GlobalAveragePool: globally(({ graph }, x) => mean(graph, x, { axes: spatialAxes(x), keepDims: true })),
  GlobalMaxPool: globally(({ graph }, x) => importGlobalMaxPool(graph, x)),
  GlobalLpPool: globally((site, x) => {
    const exponent = site.int('p', 2);
    const sums = sum(site.graph, powerOf(site.graph, x, exponent), { axes: spatialAxes(x), keepDims: true });
    return pow(site.graph, sums, 1 / exponent);
  }),
};
