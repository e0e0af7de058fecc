/**
 * @file How one image lies over another: moved, scaled along each side, and mirrored. Places are parts of an image's side, 0 … 1, so that an image's own size and aspect
 * play no part: all pictures here are squares that their images were brought to.
 */
import { assert } from '../../base/assert.ts';

/** Planes [channels, side, side], rows top down. */
export interface SquareImage {
  readonly channels: number;
  readonly side: number;
  readonly data: Float32Array;
}

/** Place in the other image = offset + scale · place in this one. */
export interface AxisMap {
  readonly offset: number;
  readonly scale: number;
}

/** From places in the query to places in the sample; where `mirrored`, in the sample whose left and right have changed places. */
export interface Warp {
  readonly mirrored: boolean;
  readonly x: AxisMap;
  readonly y: AxisMap;
}

export interface Rectangle {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** The two parts that lie on each other. */
export interface WarpPlacement {
  readonly mirrored: boolean;
  readonly query: Rectangle;
  readonly sample: Rectangle;
}

/** From … to, within 0 … 1, of the places that the map leaves inside the other image; from ≥ to where there are none. */
export function coveredRange({ offset, scale }: AxisMap): { readonly from: number; readonly to: number } {
  assert(scale > 0, 'a map of an axis keeps its direction');
  return { from: Math.max(0, -offset / scale), to: Math.min(1, (1 - offset) / scale) };
}

/** Part of the query's area that the sample covers, 0 … 1. */
export function coverage({ x, y }: Warp): number {
  const [across, down] = [coveredRange(x), coveredRange(y)];
  return Math.max(0, across.to - across.from) * Math.max(0, down.to - down.from);
}

export function toPlacement({ mirrored, x, y }: Warp): WarpPlacement {
  const [across, down] = [coveredRange(x), coveredRange(y)];
  const left = x.offset + x.scale * across.from;
  const width = x.scale * (across.to - across.from);
  return {
    mirrored,
    query: { x: across.from, y: down.from, width: across.to - across.from, height: down.to - down.from },
    sample: {
      x: mirrored ? 1 - left - width : left,
      y: y.offset + y.scale * down.from,
      width,
      height: y.scale * (down.to - down.from),
    },
  };
}

export function fromPlacement({ mirrored, query, sample }: WarpPlacement): Warp {
  const left = mirrored ? 1 - sample.x - sample.width : sample.x;
  const axis = (from: number, length: number, otherFrom: number, otherLength: number): AxisMap => {
    const scale = otherLength / length;
    return { offset: otherFrom - scale * from, scale };
  };
  return {
    mirrored,
    x: axis(query.x, query.width, left, sample.width),
    y: axis(query.y, query.height, sample.y, sample.height),
  };
}

/** Left and right change places. */
export function mirror({ channels, side, data }: SquareImage): SquareImage {
  const turned = new Float32Array(data.length);
  for (let row = 0; row < channels * side; row++)
    for (let column = 0; column < side; column++)
      turned[row * side + column] = data[row * side + side - 1 - column]!;
  return { channels, side, data: turned };
}

/** Where the pixels of a line of `side` pixels lie in the other image: the pixel before, and how far on to the next. −1: outside of it. */
export interface SampledLine {
  readonly before: Int32Array;
  readonly part: Float32Array;
}

/** So much beyond an edge is on it. */
const ROUNDING = 1e-9;

export function sampledLine({ offset, scale }: AxisMap, side: number, otherSide: number): SampledLine {
  const before = new Int32Array(side).fill(-1);
  const part = new Float32Array(side);
  for (let place = 0; place < side; place++) {
    const other = offset + (scale * (place + 0.5)) / side;
    if (other < -ROUNDING || other > 1 + ROUNDING) continue;
    // Beyond the middle of the outermost pixel there is nothing to go on to.
    const at = Math.min(otherSide - 1, Math.max(0, other * otherSide - 0.5));
    before[place] = Math.min(Math.floor(at), Math.max(0, otherSide - 2));
    part[place] = otherSide === 1 ? 0 : at - before[place]!;
  }
  return { before, part };
}

/** The sample (already mirrored where the warp is) as it lies over a query of `side` pixels; NaN where it does not reach. */
export function warpImage(sample: SquareImage, { x, y }: Omit<Warp, 'mirrored'>, side: number): SquareImage {
  const across = sampledLine(x, side, sample.side);
  const down = sampledLine(y, side, sample.side);
  const data = new Float32Array(sample.channels * side * side).fill(NaN);
  const next = sample.side === 1 ? 0 : 1;
  for (let channel = 0; channel < sample.channels; channel++)
    for (let row = 0; row < side; row++) {
      const above = down.before[row]!;
      if (above < 0) continue;
      const upper = (channel * sample.side + above) * sample.side;
      const lower = upper + next * sample.side;
      const partDown = down.part[row]!;
      for (let column = 0; column < side; column++) {
        const left = across.before[column]!;
        if (left < 0) continue;
        const partAcross = across.part[column]!;
        const high =
          sample.data[upper + left]! * (1 - partAcross) + sample.data[upper + left + next]! * partAcross;
        const low =
          sample.data[lower + left]! * (1 - partAcross) + sample.data[lower + left + next]! * partAcross;
        data[(channel * side + row) * side + column] = high * (1 - partDown) + low * partDown;
      }
    }
  return { channels: sample.channels, side, data };
}
