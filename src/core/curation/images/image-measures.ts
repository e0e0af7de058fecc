/** @file What the brightness of an image says of its quality: how dark, how flat, how sharp. */
import { assert } from '../../base/assert.ts';
import type { GreyImage } from './grey-image.ts';

export interface ImageMeasures {
  /** Mean luma, 0 black … 1 white. */
  readonly luminance: number;
  /** Luma that one pixel in a hundred is below. */
  readonly shadows: number;
  /** Luma that one pixel in a hundred is above. */
  readonly highlights: number;
  /** Standard deviation of the luma, 0 … ½. */
  readonly contrast: number;
  /** Shannon entropy of the luma's histogram, in bits, 0 … 8. */
  readonly entropy: number;
  /** Variance of the Laplacian over the variance of the luma: 20 for white noise, 0 for a ramp; NaN where there is no contrast. */
  readonly sharpness: number;
}

/** Share of the pixels that may be of any brightness without an image being called dark or bright for it. */
const TAIL = 0.01;

export function measureImage(image: GreyImage): ImageMeasures {
  assert(image.data.length > 0, 'an image has pixels');
  const counts = new Uint32Array(256);
  for (const value of image.data) counts[Math.round(value)]!++;
  const { mean, variance } = momentsOf(counts, image.data.length);
  return {
    luminance: mean / 255,
    shadows: lumaBelow(counts, TAIL * image.data.length) / 255,
    highlights: lumaBelow(counts, (1 - TAIL) * image.data.length) / 255,
    contrast: Math.sqrt(variance) / 255,
    entropy: entropyOf(counts, image.data.length),
    sharpness: variance === 0 ? NaN : laplacianVariance(image) / variance,
  };
}

function momentsOf(counts: Uint32Array, total: number): { mean: number; variance: number } {
  let sum = 0;
  for (let value = 0; value < 256; value++) sum += value * counts[value]!;
  const mean = sum / total;
  let squares = 0;
  for (let value = 0; value < 256; value++) squares += (value - mean) ** 2 * counts[value]!;
  return { mean, variance: squares / total };
}

/** The smallest luma that more than `count` pixels do not exceed. */
function lumaBelow(counts: Uint32Array, count: number): number {
  let seen = 0;
  for (let value = 0; value < 255; value++) {
    seen += counts[value]!;
    if (seen > count) return value;
  }
  return 255;
}

function entropyOf(counts: Uint32Array, total: number): number {
  let bits = 0;
  for (const count of counts) if (count > 0) bits -= (count / total) * Math.log2(count / total);
  return bits;
}

/** Of the four-neighbour Laplacian over the inner pixels; 0 where there are none. */
function laplacianVariance({ width, height, data }: GreyImage): number {
  let sum = 0;
  let squares = 0;
  const count = (width - 2) * (height - 2);
  if (width < 3 || height < 3) return 0;
  for (let row = 1; row < height - 1; row++)
    for (let column = 1; column < width - 1; column++) {
      const at = row * width + column;
      const value = data[at - 1]! + data[at + 1]! + data[at - width]! + data[at + width]! - 4 * data[at]!;
      sum += value;
      squares += value * value;
    }
  return squares / count - (sum / count) ** 2;
}
