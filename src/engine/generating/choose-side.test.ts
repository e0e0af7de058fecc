import { describe, expect, it } from 'vitest';
import { denoiserSizes, sizeMultiple } from '../../core/nn/denoiser/u-net.ts';
import type { PresentSample } from '../storage/labelled-samples.ts';
import { chooseSide } from './choose-side.ts';

const sized = (...sides: [width: number, height: number][]): PresentSample[] =>
  sides.map(([width, height]) => ({ width, height }) as PresentSample);

describe('the side of the images that a denoiser learns', () => {
  it('is the median of the longer sides, at most 32', () => {
    expect(chooseSide(sized([8, 8], [16, 12], [640, 480]), 'ddpm-tiny')).toBe(16);
    expect(chooseSide(sized([640, 480]), 'ddpm-tiny')).toBe(32);
  });

  it.each(denoiserSizes)('is one that %s can halve', (architecture) => {
    for (const side of [1, 5, 9, 13, 28, 30, 100]) {
      const chosen = chooseSide(sized([side, side]), architecture);
      expect(chosen % sizeMultiple(architecture)).toBe(0);
      expect(chosen).toBeGreaterThan(0);
      expect(chosen).toBeLessThanOrEqual(32);
    }
  });
});
