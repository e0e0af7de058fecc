/**
 * @file How well one image lies over another once it is moved, scaled along each side, cropped and mirrored: the placement of the greatest correlation of pixels.
 *
 * [Note: Alignment] From every place to begin at, a compass search over the middle and the two scales: a step is kept where the correlation grows, and the steps halve
 * where none does. It begins on small pictures, where a correlation costs microseconds and few maxima are false, and only what is best there is followed on larger ones.
 */
import { assert } from '../../base/assert.ts';
import {
  coveredRange,
  coverage,
  mirror,
  sampledLine,
  type SampledLine,
  type SquareImage,
  type Warp,
} from './warp.ts';

/** The same image at rising sizes, upright and mirrored. */
export interface AlignableImage {
  readonly upright: readonly SquareImage[];
  readonly mirrored: readonly SquareImage[];
}

export interface Alignment {
  readonly warp: Warp;
  /** Pearson correlation of what lies on each other, over all planes, each about its own mean; −1 … 1. */
  readonly agreement: number;
}

export interface AlignmentLimits {
  /** Part of the query's area that has to be covered. */
  readonly leastCoverage: number;
  /** What is sought: a pair whose small pictures agree clearly less is given up. */
  readonly leastAgreement: number;
}

/**
 * Sides at which images are compared, how many of the beginnings are followed to each, and how far below the agreement that is sought they may lie afterwards: larger
 * pictures hold more detail, and agree no better than small ones.
 */
const LEVELS = [
  { side: 24, kept: Infinity, lacking: 0.2 },
  { side: 48, kept: 2, lacking: 0.1 },
  { side: 96, kept: 1, lacking: 2 },
] as const;
/** The side that images have to be read at. */
export const ALIGNED_SIDE = LEVELS.at(-1)!.side;

/** Scales, and how much one axis may be stretched against the other. */
const GREATEST_SCALE = 2;
const GREATEST_STRETCH = 1.5;
/** Variance of what lies on each other, as part of the whole image's, below which it is too plain to say anything. */
const LEAST_VARIANCE = 0.1;
/** Deviation of grey levels below which an image is blank, of 255. */
const BLANK_DEVIATION = 2;

/** `image` [3, ALIGNED_SIDE, ALIGNED_SIDE]: compared by brightness on the way, by colour in the end. */
export function alignable(image: SquareImage): AlignableImage {
  assert(image.side === ALIGNED_SIDE && image.channels === 3, 'an image as it is aligned');
  const grey = brightness(image);
  const upright = LEVELS.slice(0, -1).map(({ side }) => shrink(grey, side));
  upright.push(grey, image);
  return { upright, mirrored: upright.map(mirror) };
}

/** The best of all that can be reached from these beginnings; null where nothing that is covered enough comes near the agreement that is sought, or can be compared at all. */
export function alignImages(
  query: AlignableImage,
  sample: AlignableImage,
  beginnings: readonly Warp[],
  limits: AlignmentLimits,
): Alignment | null {
  let followed: readonly Warp[] = beginnings;
  for (const [level, { side, kept, lacking }] of LEVELS.entries()) {
    const scale = 1 / 2 ** level;
    const reached = followed.map((warp) => climb(query, sample, { warp, level, scale, side, limits }));
    const possible = reached.filter(
      ({ agreement }) => agreement > Math.max(-1, limits.leastAgreement - lacking),
    );
    possible.sort((a, b) => b.agreement - a.agreement);
    followed = possible.slice(0, LEVELS[level + 1]?.kept ?? kept).map(({ warp }) => warp);
  }
  const warp = followed[0];
  if (warp === undefined) return null;
  const agreement = correlate(query.upright.at(-1)!, colourOf(sample, warp), warp);
  return agreement === null ? null : { warp, agreement };
}

function colourOf(sample: AlignableImage, { mirrored }: Warp): SquareImage {
  return (mirrored ? sample.mirrored : sample.upright).at(-1)!;
}

interface Climb {
  readonly warp: Warp;
  readonly level: number;
  /** Of the first steps. */
  readonly scale: number;
  readonly side: number;
  readonly limits: AlignmentLimits;
}

/** Middle of the query in the sample, and logarithms of the scales. */
type Parameters = readonly [x: number, y: number, logAcross: number, logDown: number];

/** Along each parameter, and along both scales at once. */
const DIRECTIONS: readonly Parameters[] = [
  [1, 0, 0, 0],
  [0, 1, 0, 0],
  [0, 0, 1, 1],
  [0, 0, 1, 0],
  [0, 0, 0, 1],
];
const FIRST_STEP = 0.08;

function climb(query: AlignableImage, sample: AlignableImage, start: Climb): Alignment {
  const { mirrored } = start.warp;
  const fixed = query.upright[start.level]!;
  const moved = (mirrored ? sample.mirrored : sample.upright)[start.level]!;
  const judge = (at: Parameters): number => {
    const warp = toWarp(at, mirrored);
    return isAllowed(warp, start.limits) ? (correlate(fixed, moved, warp) ?? -1) : -1;
  };
  let place = toParameters(start.warp);
  let best = judge(place);
  for (let step = FIRST_STEP * start.scale; step > 0.25 / start.side;) {
    let isBetter = false;
    for (const direction of DIRECTIONS)
      for (const sign of [step, -step]) {
        const next = place.map((value, axis) => value + sign * direction[axis]!) as unknown as Parameters;
        const agreement = judge(next);
        if (agreement <= best) continue;
        [place, best, isBetter] = [next, agreement, true];
        break;
      }
    if (!isBetter) step /= 2;
  }
  return { warp: toWarp(place, mirrored), agreement: best };
}

function toParameters({ x, y }: Warp): Parameters {
  return [x.offset + x.scale / 2, y.offset + y.scale / 2, Math.log(x.scale), Math.log(y.scale)];
}

function toWarp([middleX, middleY, logAcross, logDown]: Parameters, mirrored: boolean): Warp {
  const [across, down] = [Math.exp(logAcross), Math.exp(logDown)];
  return {
    mirrored,
    x: { offset: middleX - across / 2, scale: across },
    y: { offset: middleY - down / 2, scale: down },
  };
}

function isAllowed(warp: Warp, { leastCoverage }: AlignmentLimits): boolean {
  const [across, down] = [warp.x.scale, warp.y.scale];
  const stretch = Math.max(across / down, down / across);
  const extreme = Math.max(across, down, 1 / across, 1 / down);
  return extreme <= GREATEST_SCALE && stretch <= GREATEST_STRETCH && coverage(warp) >= leastCoverage;
}

/** Of the query's pixels whose places lie in the sample; null where either is too plain there. */
export function correlate(query: SquareImage, sample: SquareImage, warp: Warp): number | null {
  const { side, channels } = query;
  const rows = pixelRange(coveredRange(warp.y), side);
  const columns = pixelRange(coveredRange(warp.x), side);
  if (rows.to <= rows.from || columns.to <= columns.from) return null;
  const across = sampledLine(warp.x, side, sample.side);
  const down = sampledLine(warp.y, side, sample.side);
  const count = (rows.to - rows.from) * (columns.to - columns.from);
  const total = { products: 0, query: 0, sample: 0 };
  for (let channel = 0; channel < channels; channel++) {
    const sums = channelSums(query, sample, { channel, rows, columns, across, down });
    total.products += sums.ab - (sums.a * sums.b) / count;
    total.query += sums.aa - (sums.a * sums.a) / count;
    total.sample += sums.bb - (sums.b * sums.b) / count;
  }
  const least = (image: SquareImage): number =>
    Math.max(BLANK_DEVIATION ** 2, LEAST_VARIANCE * varianceOf(image)) * count * channels;
  if (total.query < least(query) || total.sample < least(sample)) return null;
  return total.products / Math.sqrt(total.query * total.sample);
}

interface Overlay {
  readonly channel: number;
  readonly rows: PixelRange;
  readonly columns: PixelRange;
  readonly across: SampledLine;
  readonly down: SampledLine;
}

/** Of one plane: sums of both images' pixels, their squares and products. The sample is read between its pixels, as `warpImage` does; this is where alignment spends its time. */
function channelSums(
  query: SquareImage,
  sample: SquareImage,
  { channel, rows, columns, across, down }: Overlay,
): { a: number; b: number; aa: number; bb: number; ab: number } {
  const { side, data: own } = query;
  const { side: otherSide, data: theirs } = sample;
  const { before, part } = across;
  let [a, b, aa, bb, ab] = [0, 0, 0, 0, 0];
  for (let row = rows.from; row < rows.to; row++) {
    const upper = (channel * otherSide + down.before[row]!) * otherSide;
    const lower = upper + otherSide;
    const partDown = down.part[row]!;
    const start = (channel * side + row) * side;
    for (let column = columns.from; column < columns.to; column++) {
      const left = before[column]!;
      const partAcross = part[column]!;
      const [highLeft, lowLeft] = [theirs[upper + left]!, theirs[lower + left]!];
      const high = highLeft + (theirs[upper + left + 1]! - highLeft) * partAcross;
      const low = lowLeft + (theirs[lower + left + 1]! - lowLeft) * partAcross;
      const other = high + (low - high) * partDown;
      const value = own[start + column]!;
      a += value;
      b += other;
      aa += value * value;
      bb += other * other;
      ab += value * other;
    }
  }
  return { a, b, aa, bb, ab };
}

interface PixelRange {
  readonly from: number;
  readonly to: number;
}

/** Pixels whose middles lie in the range: `from` … before `to`. */
function pixelRange({ from, to }: PixelRange, side: number): PixelRange {
  return { from: Math.ceil(from * side - 0.5), to: Math.floor(to * side - 0.5) + 1 };
}

const variances = new WeakMap<SquareImage, number>();

/** Mean over the planes of each plane's variance. */
function varianceOf(image: SquareImage): number {
  const known = variances.get(image);
  if (known !== undefined) return known;
  const { channels, side, data } = image;
  let total = 0;
  for (let channel = 0; channel < channels; channel++) {
    let [sum, squares] = [0, 0];
    for (let at = channel * side * side; at < (channel + 1) * side * side; at++) {
      sum += data[at]!;
      squares += data[at]! * data[at]!;
    }
    total += squares / side ** 2 - (sum / side ** 2) ** 2;
  }
  variances.set(image, total / channels);
  return total / channels;
}

/** Luma of three planes (Rec. 601, on the stored sRGB values). */
function brightness({ side, data }: SquareImage): SquareImage {
  const plane = side * side;
  const grey = new Float32Array(plane);
  for (let at = 0; at < plane; at++)
    grey[at] = 0.299 * data[at]! + 0.587 * data[plane + at]! + 0.114 * data[2 * plane + at]!;
  return { channels: 1, side, data: grey };
}

/** Means over squares of whole pixels. */
function shrink({ side, data }: SquareImage, smaller: number): SquareImage {
  const block = side / smaller;
  assert(Number.isInteger(block), 'sizes divide each other');
  const means = new Float32Array(smaller * smaller);
  for (let row = 0; row < side; row++)
    for (let column = 0; column < side; column++)
      means[Math.floor(row / block) * smaller + Math.floor(column / block)]! +=
        data[row * side + column]! / block ** 2;
  return { channels: 1, side: smaller, data: means };
}
