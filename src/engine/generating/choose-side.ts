/** @file The side of the images that a denoiser is trained on, where nobody chose one. */
import { sizeMultiple, type DenoiserSize } from '../../core/nn/denoiser/u-net.ts';
import type { PresentSample } from '../storage/labelled-samples.ts';

const LARGEST_SIDE = 32;

/** The median of the longer sides, at most 32, as a multiple of what the network halves cleanly. */
export function chooseSide(samples: readonly PresentSample[], architecture: DenoiserSize): number {
  const multiple = sizeMultiple(architecture);
  const sides = samples.map(({ width, height }) => Math.max(width, height)).sort((a, b) => a - b);
  const median = sides[Math.floor((sides.length - 1) / 2)] ?? LARGEST_SIDE;
  return Math.max(2 * multiple, Math.round(Math.min(LARGEST_SIDE, median) / multiple) * multiple);
}
