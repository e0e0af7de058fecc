/**
 * @file Sliding windows as files describe them (any number of spatial axes, padding by rule) and as this program's operators take them
 * (an image of two axes).
 */
import type { Graph, Value } from '../../../graph/graph.ts';
import { reshape } from '../../../ops/build.ts';
import { effectiveKernel } from '../../../ops/geometry.ts';
import { elementCount, type Shape } from '../../../tensor/tensor.ts';
import type { ImportSite } from '../import-site.ts';

/** One entry per spatial axis. */
export interface SpatialWindow {
  readonly kernel: readonly number[];
  readonly strides: readonly number[];
  readonly dilations: readonly number[];
  readonly before: readonly number[];
  readonly after: readonly number[];
}

/** The window of a Conv or a pool over the spatial extents `extents`. */
export function readWindow(site: ImportSite, extents: Shape, kernel: readonly number[]): SpatialWindow {
  const ones = extents.map(() => 1);
  const strides = site.ints('strides') ?? ones;
  const dilations = site.ints('dilations') ?? ones;
  const ranks = [kernel, strides, dilations].map((numbers) => numbers.length);
  if (ranks.some((rank) => rank !== extents.length)) {
    site.refuse(`its kernel, strides or dilations do not fit ${extents.length} spatial axes`);
  }
  return { kernel, strides, dilations, ...readPadding(site, extents, { kernel, strides, dilations }) };
}

type Padding = Pick<SpatialWindow, 'before' | 'after'>;

function readPadding(site: ImportSite, extents: Shape, window: Omit<SpatialWindow, keyof Padding>): Padding {
  const rule = site.text('auto_pad', 'NOTSET');
  const none = extents.map(() => 0);
  if (rule === 'VALID') return { before: none, after: none };
  if (rule === 'SAME_UPPER' || rule === 'SAME_LOWER') {
    const totals = extents.map((extent, axis) => {
      const stride = window.strides[axis]!;
      const covered = (Math.ceil(extent / stride) - 1) * stride;
      return Math.max(0, covered + effectiveKernel(window.kernel[axis]!, window.dilations[axis]!) - extent);
    });
    return splitPadding(totals, rule === 'SAME_UPPER');
  }
  const pads = site.ints('pads') ?? [...none, ...none];
  if (pads.length !== 2 * extents.length || pads.some((width) => width < 0)) {
    site.refuse(`its pads are [${pads.join(',')}]; expected two widths of at least 0 per spatial axis`);
  }
  return { before: pads.slice(0, extents.length), after: pads.slice(extents.length) };
}

/** Halves of each total; the odd one goes to the end or to the start. */
export function splitPadding(totals: readonly number[], moreAtEnd: boolean): Padding {
  const small = totals.map((total) => Math.floor(total / 2));
  const large = totals.map((total, axis) => total - small[axis]!);
  return moreAtEnd ? { before: small, after: large } : { before: large, after: small };
}

/** A window over an image of two axes that does the same as one over any number of axes. */
export interface PlanarWindow {
  readonly kernel: readonly [number, number];
  readonly strides: readonly [number, number];
  readonly dilations: readonly [number, number];
  readonly pads: readonly [number, number, number, number];
}

export interface Planar {
  readonly extents: readonly [number, number];
  readonly window: PlanarWindow;
}

/**
 * A single axis becomes the width of an image of height 1; neighbouring axes along which the window does nothing become one. Null where
 * more than two axes remain.
 */
export function planar(extents: Shape, window: SpatialWindow): Planar | null {
  const axes = extents.map((extent, axis) => ({ extent, ...axisOf(window, axis) }));
  const merged = axes.reduce<Axis[]>((done, axis) => {
    const last = done.at(-1);
    if (last === undefined || !isIdle(last) || !isIdle(axis)) return [...done, axis];
    return [...done.slice(0, -1), { ...last, extent: last.extent * axis.extent }];
  }, []);
  if (merged.length > 2) return null;
  const [high, wide] = [...Array.from({ length: 2 - merged.length }, () => idleAxis), ...merged] as [
    Axis,
    Axis,
  ];
  return {
    extents: [high.extent, wide.extent],
    window: {
      kernel: [high.kernel, wide.kernel],
      strides: [high.stride, wide.stride],
      dilations: [high.dilation, wide.dilation],
      pads: [high.before, wide.before, high.after, wide.after],
    },
  };
}

interface Axis {
  readonly extent: number;
  readonly kernel: number;
  readonly stride: number;
  readonly dilation: number;
  readonly before: number;
  readonly after: number;
}

const idleAxis: Axis = { extent: 1, kernel: 1, stride: 1, dilation: 1, before: 0, after: 0 };

function axisOf(window: SpatialWindow, axis: number): Omit<Axis, 'extent'> {
  return {
    kernel: window.kernel[axis]!,
    stride: window.strides[axis]!,
    dilation: window.dilations[axis]!,
    before: window.before[axis]!,
    after: window.after[axis]!,
  };
}

function isIdle({ kernel, stride, before, after }: Axis): boolean {
  return kernel === 1 && stride === 1 && before === 0 && after === 0;
}

/** [N, C, …] as images of the given extents. */
export function asImages(graph: Graph, x: Value, extents: readonly [number, number]): Value {
  return reshape(graph, x, [...x.type.shape.slice(0, 2), ...extents]);
}

/** How many windows fit along each axis; `ceil` counts a last one that begins inside but ends outside. */
export function windowCounts(extents: Shape, window: SpatialWindow, ceil = false): number[] {
  return extents.map((extent, axis) => {
    const { kernel, stride, dilation, before, after } = axisOf(window, axis);
    const room = extent + before + after - effectiveKernel(kernel, dilation);
    const count = (ceil ? Math.ceil(room / stride) : Math.floor(room / stride)) + 1;
    return ceil && (count - 1) * stride >= extent + before ? count - 1 : count;
  });
}

/** Refuses a window that is larger than what it slides over. */
export function expectRoom(site: ImportSite, extents: Shape, window: SpatialWindow): void {
  const fits = windowCounts(extents, window).every((count) => count >= 1);
  if (!fits || elementCount(extents) === 0) {
    site.refuse(
      `its window [${window.kernel.join(',')}] is larger than its padded input [${extents.join(',')}]`,
    );
  }
}
