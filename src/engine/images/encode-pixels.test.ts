import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { fromPixels, toPixels } from '../generating/make-images.ts';
import { encodeContactSheet, encodePixels } from './encode-pixels.ts';
import { pixelsOf } from './file-pixels.ts';

/** Every brightness there is, [channels, 16, 16]. */
const ramp = (channels: number, first = 0): Uint8Array =>
  Uint8Array.from({ length: channels * 256 }, (_, index) => (first + index * 7) % 256);

describe.each([1, 3] as const)('computed pixels of %i planes', (channels) => {
  it('come back from their PNG as they were', async () => {
    const pixels = ramp(channels);
    const png = await encodePixels(pixels, { channels, size: 16 });
    expect(await pixelsOf(png, { channels, size: 16 })).toEqual(pixels);
    expect((await sharp(png).metadata()).channels).toBe(channels);
  });

  it('lie on a sheet row after row, with black where none is left', async () => {
    const images = [ramp(channels, 1), ramp(channels, 50), ramp(channels, 100)];
    const sheet = sharp(await encodeContactSheet(images, { channels, size: 16 }));
    const { width, height } = await sheet.metadata();
    expect([width, height]).toEqual([32, 32]);
    for (const [place, image] of [...images, new Uint8Array(channels * 256)].entries()) {
      const box = { left: (place % 2) * 16, top: Math.floor(place / 2) * 16, width: 16, height: 16 };
      const part = await sheet.clone().extract(box).png().toBuffer();
      expect(await pixelsOf(part, { channels, size: 16 })).toEqual(image);
    }
  });
});

describe('pixels in −1 … 1', () => {
  it('are bytes and back without loss, and cut to their range', () => {
    const all = Uint8Array.from({ length: 256 }, (_, value) => value);
    expect(toPixels(fromPixels(all))).toEqual(all);
    expect(toPixels(Float32Array.of(-3, -1, 0, 1, 3))).toEqual(Uint8Array.of(0, 0, 128, 255, 255));
  });
});
