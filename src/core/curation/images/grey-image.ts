/** @file Brightness of images: one plane of bytes, and how it is brought to another size. */
import { assert } from '../../base/assert.ts';

/** Luma of every pixel, 0 black … 255 white, rows top down. */
export interface GreyImage {
  readonly width: number;
  readonly height: number;
  readonly data: Uint8Array | Float32Array;
}

/** Luma (Rec. 601, on the stored sRGB values) of interleaved pixels with `channels` bytes each: 1 grey, 3 colour. */
export function toGrey(pixels: Uint8Array, width: number, height: number, channels: number): GreyImage {
  assert(pixels.length === width * height * channels, 'pixels fill their image');
  if (channels === 1) return { width, height, data: pixels };
  const data = new Uint8Array(width * height);
  for (let pixel = 0, at = 0; pixel < data.length; pixel++, at += channels)
    data[pixel] = Math.round(0.299 * pixels[at]! + 0.587 * pixels[at + 1]! + 0.114 * pixels[at + 2]!);
  return { width, height, data };
}

/**
 * The image over another grid: each new pixel is the mean over the area that it covers, so no detail is left out and none is made up.
 * The aspect is not kept.
 */
export function resampleByArea(
  { width, height, data }: GreyImage,
  columns: number,
  rows: number,
): Float32Array {
  const across = new Float32Array(columns * height);
  for (let row = 0; row < height; row++)
    averageRuns(data, { start: row * width, step: 1, count: width }, across, {
      start: row * columns,
      step: 1,
      count: columns,
    });
  const all = new Float32Array(columns * rows);
  for (let column = 0; column < columns; column++)
    averageRuns(across, { start: column, step: columns, count: height }, all, {
      start: column,
      step: columns,
      count: rows,
    });
  return all;
}

/** One line of pixels within a plane. */
interface Line {
  readonly start: number;
  readonly step: number;
  readonly count: number;
}

function averageRuns(from: Uint8Array | Float32Array, source: Line, to: Float32Array, target: Line): void {
  const scale = source.count / target.count;
  for (let place = 0; place < target.count; place++) {
    const left = place * scale;
    const right = left + scale;
    let sum = 0;
    for (let pixel = Math.floor(left); pixel < right && pixel < source.count; pixel++) {
      const covered = Math.min(pixel + 1, right) - Math.max(pixel, left);
      sum += covered * from[source.start + pixel * source.step]!;
    }
    to[target.start + place * target.step] = sum / scale;
  }
}
