import fc from 'fast-check';
import { crc32 } from 'node:zlib';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { encodeImage, gradient, rawImage, type TestFormat } from '../../../testing/image-files.ts';
import { encodeGreyPng } from '../formats/grey-png.ts';
import { explain, ImageError, openImage } from './decode.ts';
import { renderThumbnails } from './thumbnails.ts';

const FORMATS: readonly TestFormat[] = ['png', 'jpeg', 'webp', 'gif', 'tiff', 'bmp'];

async function decodeRaw(bytes: Uint8Array): Promise<{ data: Buffer; channels: number; width: number }> {
  const image = await openImage(bytes);
  const { data, info } = await explain(image, () =>
    image.pipeline().raw().toBuffer({ resolveWithObject: true }),
  );
  return { data, channels: info.channels, width: info.width };
}

describe('openImage', () => {
  it.each(FORMATS)('reads %s', async (format) => {
    const image = await openImage(await encodeImage(format, 21, 13));
    expect(image).toMatchObject({ format, width: 21, height: 13 });
    const { data, channels } = await decodeRaw(await encodeImage(format, 21, 13));
    const wanted = gradient(21, 13);
    const lossy = format === 'jpeg' || format === 'webp' || format === 'gif' ? 40 : 0;
    for (let pixel = 0; pixel < 21 * 13; pixel++) {
      expect(Math.abs(data[pixel * channels]! - wanted[pixel * 3]!)).toBeLessThanOrEqual(lossy);
    }
  });

  it('turns images upright for all eight EXIF orientations', async () => {
    // A bright top left corner, stored so that the orientation brings it back there.
    const upright = { width: 24, height: 16 };
    const stored = (orientation: number): { width: number; height: number; corner: [number, number] } => {
      const isTurned = orientation >= 5;
      const width = isTurned ? upright.height : upright.width;
      const height = isTurned ? upright.width : upright.height;
      const corners: Record<number, [number, number]> = {
        1: [0, 0],
        2: [1, 0],
        3: [1, 1],
        4: [0, 1],
        5: [0, 0],
        6: [0, 1],
        7: [1, 1],
        8: [1, 0],
      };
      return { width, height, corner: corners[orientation]! };
    };
    for (let orientation = 1; orientation <= 8; orientation++) {
      const { width, height, corner } = stored(orientation);
      const pixels = new Uint8Array(width * height * 3);
      for (let row = 0; row < 8; row++) {
        for (let column = 0; column < 8; column++) {
          const at = ((corner[1] * (height - 8) + row) * width + corner[0] * (width - 8) + column) * 3;
          pixels.fill(255, at, at + 3);
        }
      }
      const bytes = await sharp(pixels, { raw: { width, height, channels: 3 } })
        .withMetadata({ orientation })
        .jpeg({ quality: 100 })
        .toBuffer();
      const image = await openImage(bytes);
      expect([orientation, image.width, image.height]).toEqual([orientation, 24, 16]);
      const { data, channels } = await decodeRaw(bytes);
      const grey = (column: number, row: number): number => data[(row * 24 + column) * channels]!;
      expect([orientation, grey(2, 2) > 200, grey(21, 2) < 60, grey(2, 13) < 60, grey(21, 13) < 60]).toEqual([
        orientation,
        true,
        true,
        true,
        true,
      ]);
    }
  });

  it('says how many channels there are: grey, colour, alpha', async () => {
    const channelsOf = async (bytes: Uint8Array): Promise<number> => (await openImage(bytes)).channels;
    expect(await channelsOf(await rawImage(9, 9).toColourspace('b-w').png().toBuffer())).toBe(1);
    expect(await channelsOf(await rawImage(9, 9).toColourspace('grey16').png().toBuffer())).toBe(1);
    expect(await channelsOf(await rawImage(9, 9).png({ palette: true }).toBuffer())).toBe(3);
    expect(await channelsOf(await rawImage(9, 9).ensureAlpha(0.5).png().toBuffer())).toBe(4);
    expect(await channelsOf(await rawImage(9, 9).toColourspace('cmyk').jpeg().toBuffer())).toBe(3);
  });

  it('brings 16 bits and CMYK to 8-bit sRGB', async () => {
    const deep = await decodeRaw(await rawImage(9, 9).toColourspace('rgb16').png().toBuffer());
    expect(deep).toMatchObject({ channels: 3 });
    expect([...deep.data]).toEqual([...gradient(9, 9)]);
    const print = await decodeRaw(
      await sharp({ create: { width: 8, height: 8, channels: 3, background: '#c03020' } })
        .toColourspace('cmyk')
        .jpeg({ quality: 95 })
        .toBuffer(),
    );
    expect(print.channels).toBe(3);
    expect(print.data[0]! - print.data[2]!).toBeGreaterThan(80);
  });

  it('takes the first frame of an animation', async () => {
    const frames = await sharp(Buffer.concat([gradient(10, 10, 1), gradient(10, 10, 5)]), {
      raw: { width: 10, height: 20, channels: 3, pageHeight: 10 },
    })
      .gif({ delay: [50, 50] })
      .toBuffer();
    const image = await openImage(frames);
    expect([image.width, image.height]).toEqual([10, 10]);
    const { data, channels } = await decodeRaw(frames);
    expect(data.length).toBe(10 * 10 * channels);
    expect(Math.abs(data[2]! - 53)).toBeLessThan(20);
  });

  it('names the reason for what is no readable image', async () => {
    const reasonOf = (bytes: Uint8Array): Promise<string> =>
      openImage(bytes).then(
        () => 'none',
        (cause: unknown) => (cause as ImageError).reason,
      );
    expect(await reasonOf(new Uint8Array())).toBe('empty');
    expect(await reasonOf(Buffer.from('just some text, named .png'))).toBe('not-an-image');
    expect(await reasonOf(Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>'))).toBe('unsupported');
    expect(await reasonOf(Buffer.from('\0\0\0\x20ftypheic0000', 'latin1'))).toBe('unsupported');
  });

  it('refuses a small file that announces a huge image', async () => {
    const bomb = Buffer.from(encodeGreyPng(new Uint8Array(4), 2, 2));
    bomb.writeUInt32BE(60_000, 16);
    bomb.writeUInt32BE(60_000, 20);
    bomb.writeUInt32BE(crc32(bomb.subarray(12, 29)), 29);
    await expect(openImage(bomb)).rejects.toMatchObject({ reason: 'too-large' });
  });
});

describe('damaged files', () => {
  it('are either an image or a problem with a reason, wherever they are cut or changed', async () => {
    const originals = await Promise.all(FORMATS.map((format) => encodeImage(format, 40, 30, 3)));
    const damage = fc.record({
      which: fc.integer({ min: 0, max: FORMATS.length - 1 }),
      share: fc.double({ min: 0, max: 1, noNaN: true }),
      flips: fc.array(fc.record({ at: fc.nat(), value: fc.integer({ min: 0, max: 255 }) }), { maxLength: 3 }),
    });
    await fc.assert(
      fc.asyncProperty(damage, async ({ which, share, flips }) => {
        const original = originals[which]!;
        const bytes = Buffer.from(original.subarray(0, Math.round(share * original.length)));
        for (const { at, value } of flips) if (bytes.length > 0) bytes[at % bytes.length] = value;
        try {
          const pictures = await renderThumbnails(await openImage(bytes));
          expect(pictures.length).toBeGreaterThan(0);
        } catch (cause) {
          expect(cause).toBeInstanceOf(ImageError);
        }
      }),
      { numRuns: 150 },
    );
  });

  it.each(FORMATS)('of type %s are called truncated when their second half is missing', async (format) => {
    const whole = await encodeImage(format, 64, 64, 2);
    const half = whole.subarray(0, Math.floor(whole.length / 2));
    await expect((async () => renderThumbnails(await openImage(half)))()).rejects.toMatchObject({
      reason: 'truncated',
    });
  });
});

describe('renderThumbnails', () => {
  it('fits both sizes, never enlarges, and keeps small images without loss', async () => {
    const sizesOf = async (width: number, height: number): Promise<number[][]> => {
      const pictures = await renderThumbnails(await openImage(await encodeImage('png', width, height)));
      return Promise.all(
        pictures.map(async ({ size, bytes }) => {
          const found = await sharp(bytes).metadata();
          return [size, found.width, found.height];
        }),
      );
    };
    expect(await sizesOf(800, 400)).toEqual([
      [96, 96, 48],
      [256, 256, 128],
    ]);
    expect(await sizesOf(120, 100)).toEqual([
      [96, 96, 80],
      [256, 120, 100],
    ]);
    expect(await sizesOf(28, 28)).toEqual([[96, 28, 28]]);
    const small = await renderThumbnails(await openImage(await encodeImage('tiff', 28, 28, 4)));
    expect([...(await sharp(small[0]!.bytes).raw().toBuffer())]).toEqual([...gradient(28, 28, 4)]);
  });
});

describe('encodeGreyPng', () => {
  it('is read back by a real decoder, for any size', async () => {
    const picture = fc
      .record({ width: fc.integer({ min: 1, max: 40 }), height: fc.integer({ min: 1, max: 40 }) })
      .chain(({ width, height }) =>
        fc.record({
          width: fc.constant(width),
          height: fc.constant(height),
          pixels: fc.uint8Array({ minLength: width * height, maxLength: width * height }),
        }),
      );
    await fc.assert(
      fc.asyncProperty(picture, async ({ width, height, pixels }) => {
        const decoded = sharp(encodeGreyPng(pixels, width, height))
          .toColourspace('b-w')
          .raw();
        const { data, info } = await decoded.toBuffer({ resolveWithObject: true });
        expect([info.width, info.height, info.channels]).toEqual([width, height, 1]);
        expect(data.equals(Buffer.from(pixels))).toBe(true);
      }),
      { numRuns: 40 },
    );
  });
});
