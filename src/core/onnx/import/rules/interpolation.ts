/** @file Where the pixels of a resized axis come from, and with what weights, as the standard defines Resize. */

export interface ResizeAxis {
  /** Extent before and after. */
  readonly from: number;
  readonly to: number;
  /** As the file gives it; the extents alone give it only up to rounding. */
  readonly scale: number;
}

/** Position in the input, in pixels, of each pixel of the output. */
export type CoordinateRule = (axis: ResizeAxis, pixel: number) => number;

export const coordinateRules: Readonly<Record<string, CoordinateRule>> = {
  half_pixel: ({ scale }, pixel) => (pixel + 0.5) / scale - 0.5,
  half_pixel_symmetric: ({ from, to, scale }, pixel) => {
    const adjustment = to / (scale * from);
    return (from / 2) * (1 - adjustment) + (pixel + 0.5) / scale - 0.5;
  },
  pytorch_half_pixel: ({ to, scale }, pixel) => (to > 1 ? (pixel + 0.5) / scale - 0.5 : 0),
  align_corners: ({ from, to }, pixel) => (to === 1 ? 0 : (pixel * (from - 1)) / (to - 1)),
  asymmetric: ({ scale }, pixel) => pixel / scale,
  tf_half_pixel_for_nn: ({ scale }, pixel) => (pixel + 0.5) / scale,
};

export type RoundingRule = (position: number, axis: ResizeAxis) => number;

export const roundingRules: Readonly<Record<string, RoundingRule>> = {
  round_prefer_floor: (position) => Math.ceil(position - 0.5),
  round_prefer_ceil: (position) => Math.floor(position + 0.5),
  floor: (position) => Math.floor(position),
  ceil: (position) => Math.ceil(position),
  /** What the operator did before it had rules: up when the image shrinks, else down. */
  simple: (position, { scale }) => (scale < 1 ? Math.ceil(position) : Math.floor(position)),
};

/** For each pixel of the output the pixel of the input that it copies. */
export function nearestPixels(axis: ResizeAxis, coordinate: CoordinateRule, round: RoundingRule): number[] {
  return Array.from({ length: axis.to }, (_, pixel) => {
    // Positions are quotients of whole numbers: rounding errors must not move one off a boundary.
    const position = Number(coordinate(axis, pixel).toFixed(6));
    return Math.min(axis.from - 1, Math.max(0, round(position, axis)));
  });
}

/** A weight that falls with the distance, in pixels, and is zero from `reach` on. */
export interface Kernel {
  readonly reach: number;
  readonly weight: (distance: number) => number;
}

export const linearKernel: Kernel = {
  reach: 1,
  weight: (distance) => Math.max(0, 1 - Math.abs(distance)),
};

/** Keys' cubic convolution; `a` is its slope at distance 1. */
export function cubicKernel(a: number): Kernel {
  return {
    reach: 2,
    weight: (distance) => {
      const d = Math.abs(distance);
      if (d <= 1) return ((a + 2) * d - (a + 3)) * d * d + 1;
      return d < 2 ? ((a * d - 5 * a) * d + 8 * a) * d - 4 * a : 0;
    },
  };
}

export interface InterpolationOptions {
  readonly coordinate: CoordinateRule;
  readonly kernel: Kernel;
  /** Stretch the kernel over all pixels that shrink into one. */
  readonly antialias: boolean;
  /** Leave out what lies outside, rather than repeat the border there. */
  readonly excludeOutside: boolean;
}

/** The matrix, row-major [to, from], that interpolates along one axis. */
export function interpolationMatrix(axis: ResizeAxis, options: InterpolationOptions): Float64Array {
  const matrix = new Float64Array(axis.to * axis.from);
  for (let pixel = 0; pixel < axis.to; pixel++) {
    addRow(matrix.subarray(pixel * axis.from, (pixel + 1) * axis.from), options.coordinate(axis, pixel), {
      ...options,
      stretch: options.antialias ? Math.min(1, axis.scale) : 1,
    });
  }
  return matrix;
}

interface RowOptions extends InterpolationOptions {
  readonly stretch: number;
}

function addRow(row: Float64Array, position: number, { kernel, stretch, excludeOutside }: RowOptions): void {
  const reach = Math.ceil(kernel.reach / stretch);
  const first = Math.floor(position) - reach;
  let total = 0;
  for (let source = first; source <= first + 2 * reach + 1; source++) {
    const isOutside = source < 0 || source >= row.length;
    if (isOutside && excludeOutside) continue;
    const weight = kernel.weight((source - position) * stretch);
    row[Math.min(row.length - 1, Math.max(0, source))]! += weight;
    total += weight;
  }
  for (let source = 0; source < row.length; source++) row[source]! /= total;
}
