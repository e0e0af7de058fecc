/**
 * @file Which of many small pictures may show the same as an image, whole or cropped, upright or mirrored: windows of all sizes are correlated as products of matrices.
 *
 * [Note: Crop search] Two ways of being cropped are looked for on a coarse grid: the image is a part of a picture ('inside'), or a picture is a part of the image
 * ('around'). A window of few cells agrees by chance more often than a large one, so candidates of different sizes are ranked by Fisher's transform of the correlation
 * times the root of the independent cells, not by the correlation itself. What is found is a candidate and where to begin: alignment decides (`align.ts`).
 */
import { assert } from '../../base/assert.ts';
import { makeMatrix, type Matrix, type Matrix32 } from '../../linalg/matrix.ts';
import { resampleByArea } from './grey-image.ts';
import type { Warp } from './warp.ts';

/** Cells along each side of a picture. */
export const SEARCH_GRID = 16;
const CELLS = SEARCH_GRID ** 2;
/** Sides of windows in cells: the whole, and crops down to half of each side. */
const WINDOW_SIDES = [16, 14, 13, 11, 10, 8] as const;
/** Part of a picture's variance that a window has to hold, so as not to be plain. */
const LEAST_VARIANCE = 0.1;
/** Cells next to each other are alike: about one in four says something of its own. */
const INDEPENDENT = 0.25;

/** One size of window and one way of being cropped. */
export interface WindowSearch {
  readonly way: 'inside' | 'around';
  /** Cells along a side of the window. */
  readonly side: number;
  /** Positions along each direction. */
  readonly positions: number;
}

/** Those that can cover `leastCoverage` of the image. A window as large as the grid is searched once. */
export function windowSearches(leastCoverage: number): WindowSearch[] {
  return WINDOW_SIDES.flatMap((side): WindowSearch[] => {
    const positions = SEARCH_GRID - side + 1;
    const isCovered = (side / SEARCH_GRID) ** 2 >= leastCoverage;
    return [
      { way: 'inside', side, positions },
      ...(side < SEARCH_GRID && isCovered ? [{ way: 'around', side, positions } as const] : []),
    ];
  });
}

/**
 * The images, upright and mirrored, as rows to be multiplied with the rows of `pictureRows`; of length 1 about their mean, so that products are correlations but for the
 * pictures' lengths. inside: [2 · images, side²]; around: [2 · images · positions², side²], positions of one image together.
 */
export function imageRows(images: readonly Uint8Array[], search: WindowSearch): Matrix32 {
  const turned = images.flatMap((image) => [image, mirrored(image)]);
  return search.way === 'inside' ? wholes(turned, search) : windowsOf(turned, search);
}

/** inside: every window of every picture, [pictures · positions², side²]; around: every picture made as small as the window, [pictures, side²]. */
export function pictureRows(pictures: readonly Uint8Array[], search: WindowSearch): Matrix32 {
  return search.way === 'inside' ? windowsOf(pictures, search) : wholes(pictures, search);
}

/** Each made as small as the window. */
function wholes(images: readonly Uint8Array[], { side }: WindowSearch): Matrix32 {
  const length = side ** 2;
  const data = new Float32Array(images.length * length);
  for (const [row, image] of images.entries()) {
    data.set(resized(image, side), row * length);
    makeUnit(data, row * length, length, 0);
  }
  return makeMatrix(images.length, length, data);
}

/** Every window of each; zeros where it is plain beside its image. */
function windowsOf(images: readonly Uint8Array[], { side, positions }: WindowSearch): Matrix32 {
  const length = side ** 2;
  const data = new Float32Array(images.length * positions ** 2 * length);
  let start = 0;
  for (const image of images) {
    const least = LEAST_VARIANCE * varianceOf(image) * length;
    for (let top = 0; top < positions; top++)
      for (let left = 0; left < positions; left++) {
        for (let row = 0, at = start; row < side; row++)
          for (let column = 0; column < side; column++, at++)
            data[at] = image[(top + row) * SEARCH_GRID + left + column]!;
        makeUnit(data, start, length, least);
        start += length;
      }
  }
  return makeMatrix(images.length * positions ** 2, length, data);
}

/** Per picture and image, [pictures, images]: the best of all windows, upright or mirrored. */
export interface BestWindows {
  readonly correlations: Float32Array;
  readonly windows: Uint16Array;
  readonly mirrored: Uint8Array;
}

/** `products`: rows of `pictureRows` times rows of `imageRows`. */
export function bestWindows(products: Matrix, search: WindowSearch, images: number): BestWindows {
  const windows = search.positions ** 2;
  const pictures = search.way === 'inside' ? products.rows / windows : products.rows;
  const best: BestWindows = {
    correlations: new Float32Array(pictures * images).fill(-1),
    windows: new Uint16Array(pictures * images),
    mirrored: new Uint8Array(pictures * images),
  };
  const { data, columns } = products;
  const [pictureStep, windowStep] = search.way === 'inside' ? [windows * columns, columns] : [columns, 1];
  const imageStep = search.way === 'inside' ? 1 : windows;
  for (let picture = 0; picture < pictures; picture++)
    for (let turned = 0; turned < 2 * images; turned++) {
      const start = picture * pictureStep + turned * imageStep;
      const place = picture * images + (turned >> 1);
      for (let window = 0; window < windows; window++) {
        const correlation = data[start + window * windowStep]!;
        if (correlation <= best.correlations[place]!) continue;
        best.correlations[place] = correlation;
        best.windows[place] = window;
        best.mirrored[place] = turned & 1;
      }
    }
  return best;
}

/** How sure a correlation over a window is not chance: Fisher's z over its deviation. */
export function surprise(correlation: number, { side }: WindowSearch): number {
  const independent = Math.max(1, INDEPENDENT * side ** 2 - 3);
  return Math.atanh(Math.min(0.9999, Math.max(-0.9999, correlation))) * Math.sqrt(independent);
}

/** Where alignment begins for a window. `row` of the image: even upright, odd mirrored. */
export function warpOfWindow(search: WindowSearch, window: number, isMirrored: boolean): Warp {
  const { side, positions, way } = search;
  const part = side / SEARCH_GRID;
  const axis = (place: number): Warp['x'] =>
    way === 'inside'
      ? { offset: place / SEARCH_GRID, scale: part }
      : { offset: -place / side, scale: 1 / part };
  const x = axis(window % positions);
  const y = axis(Math.floor(window / positions));
  // It was the image that was mirrored for the search; a warp mirrors the picture instead.
  return isMirrored
    ? { mirrored: true, x: { ...x, offset: 1 - x.offset - x.scale }, y }
    : { mirrored: false, x, y };
}

function mirrored(image: Uint8Array): Uint8Array {
  assert(image.length === CELLS, 'a picture on the grid');
  return image.map((_, at) => image[at - (at % SEARCH_GRID) + SEARCH_GRID - 1 - (at % SEARCH_GRID)]!);
}

function resized(image: Uint8Array, side: number): Float32Array {
  if (side === SEARCH_GRID) return Float32Array.from(image);
  return resampleByArea({ width: SEARCH_GRID, height: SEARCH_GRID, data: image }, side, side);
}

/** About their mean and of length 1, in place; zeros where the squared deviations sum to no more than `least`. */
function makeUnit(data: Float32Array, start: number, length: number, least: number): void {
  let [sum, squares] = [0, 0];
  for (let at = start; at < start + length; at++) {
    const value = data[at]!;
    sum += value;
    squares += value * value;
  }
  const mean = sum / length;
  squares -= sum * mean;
  // Whole grey levels: what is left of equal ones is rounding.
  const factor = squares > Math.max(least, 1e-3) ? 1 / Math.sqrt(squares) : 0;
  for (let at = start; at < start + length; at++) data[at] = (data[at]! - mean) * factor;
}

function varianceOf(image: Uint8Array): number {
  let [sum, squares] = [0, 0];
  for (const value of image) {
    sum += value;
    squares += value * value;
  }
  return squares / image.length - (sum / image.length) ** 2;
}
