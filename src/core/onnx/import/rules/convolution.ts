/** @file Import rules of convolutions over one or two spatial axes. */
import type { Graph, Value } from '../../../graph/graph.ts';
import { add, alongChannels, conv, convInputGradient, reshape } from '../../../ops/build.ts';
import { effectiveKernel } from '../../../ops/geometry.ts';
import { limited, type ImportRules } from '../import-rule.ts';
import type { ImportSite } from '../import-site.ts';
import {
  asImages,
  expectRoom,
  planar,
  readWindow,
  splitPadding,
  windowCounts,
  type Planar,
  type SpatialWindow,
} from './spatial-window.ts';

interface Operands {
  readonly x: Value;
  readonly w: Value;
  readonly bias: Value | null;
  readonly group: number;
  readonly extents: readonly number[];
}

function readOperands(site: ImportSite): Operands {
  const [x, w] = [site.input(0), site.input(1, 'parameter')];
  const rank = x.type.shape.length;
  if (rank < 3 || w.type.shape.length !== rank) {
    site.refuse(
      `its filter has ${w.type.shape.length} axes and its input ${rank}; expected as many, at least 3`,
    );
  }
  return {
    x,
    w,
    bias: site.optional(2, 'parameter'),
    group: site.int('group', 1),
    extents: x.type.shape.slice(2),
  };
}

function asPlanar(site: ImportSite, extents: readonly number[], window: SpatialWindow): Planar {
  return (
    planar(extents, window) ??
    site.refuse(`it runs over ${extents.length} spatial axes; only one and two are supported`)
  );
}

export function importConv(site: ImportSite): Value {
  const { graph } = site;
  const { x, w, bias, group, extents } = readOperands(site);
  const filterShape = w.type.shape;
  if (x.type.shape[1] !== filterShape[1]! * group || filterShape[0]! % group !== 0) {
    site.refuse(
      `its filter [${filterShape.join(',')}] in ${group} groups does not fit ${x.type.shape[1]} channels`,
    );
  }
  const window = readWindow(site, extents, filterShape.slice(2));
  expectRoom(site, extents, window);
  const flat = asPlanar(site, extents, window);
  const { strides: stride, dilations: dilation, pads, kernel } = flat.window;
  const images = asImages(graph, x, flat.extents);
  const result = conv(graph, images, asImages(graph, w, kernel), { stride, dilation, pads, group, bias });
  return reshape(graph, result, [x.type.shape[0]!, filterShape[0]!, ...windowCounts(extents, window)]);
}

/** A transposed convolution is the gradient of a convolution with respect to its input. */
function importConvTranspose(site: ImportSite): Value {
  const { graph } = site;
  const { x, w, bias, group, extents } = readOperands(site);
  const [samples, channels] = x.type.shape as [number, number];
  const outputChannels = w.type.shape[1]! * group;
  if (channels !== w.type.shape[0] || channels % group !== 0) {
    site.refuse(
      `its filter [${w.type.shape.join(',')}] in ${group} groups does not fit ${channels} channels`,
    );
  }
  const { window, produced } = transposedWindow(site, extents, w.type.shape.slice(2));
  if (windowCounts(produced, window).some((count, axis) => count !== extents[axis])) {
    site.refuse('its output padding is not less than its stride');
  }
  const flat = asPlanar(site, produced, window);
  const { kernel, ...geometry } = flat.window;
  const small = extents.length === 1 ? ([1, extents[0]!] as const) : ([extents[0]!, extents[1]!] as const);
  const result = convInputGradient(
    graph,
    asImages(graph, x, small),
    asImages(graph, w, kernel),
    { ...geometry, group },
    [samples, outputChannels, ...flat.extents],
  );
  return withBias(graph, reshape(graph, result, [samples, outputChannels, ...produced]), bias);
}

function withBias(graph: Graph, x: Value, bias: Value | null): Value {
  return bias === null ? x : add(graph, x, alongChannels(graph, bias, x.type.shape.length));
}

/** The window of the convolution whose gradient it is, and the extents it produces: given, or from the padding. */
function transposedWindow(
  site: ImportSite,
  extents: readonly number[],
  kernel: readonly number[],
): { window: SpatialWindow; produced: number[] } {
  const unpadded = readWindow(site, extents, kernel);
  const { strides, dilations } = unpadded;
  const extra = site.ints('output_padding') ?? extents.map(() => 0);
  const whole = extents.map(
    (extent, axis) =>
      strides[axis]! * (extent - 1) + extra[axis]! + effectiveKernel(kernel[axis]!, dilations[axis]!),
  );
  const rule = site.text('auto_pad', 'NOTSET');
  const same = rule.startsWith('SAME') ? extents.map((extent, axis) => extent * strides[axis]!) : null;
  const wanted = site.ints('output_shape')?.slice(-extents.length) ?? same;
  if (wanted === null) {
    const produced = whole.map((extent, axis) => extent - unpadded.before[axis]! - unpadded.after[axis]!);
    return { window: unpadded, produced };
  }
  const totals = whole.map((extent, axis) => Math.max(0, extent - wanted[axis]!));
  return { window: { ...unpadded, ...splitPadding(totals, rule === 'SAME_UPPER') }, produced: [...wanted] };
}

const planes = 'over one or two spatial axes';

export const convolutionRules: ImportRules = {
  Conv: limited(planes, (site) => [importConv(site)]),
  ConvTranspose: limited(planes, (site) => [importConvTranspose(site)]),
};
