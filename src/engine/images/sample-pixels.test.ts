import { rmSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { encodeImage, gradient, makeTestFolder, type TestFolder } from '../../../testing/image-files.ts';
import { writeIdxPair } from '../../../testing/idx-writer.ts';
import { makeImportProject, type ImportProject } from '../../../testing/imported-project.ts';
import type { SampleId } from '../../contract/vocabulary.ts';
import { readOriginal } from './original.ts';
import { readPixels } from './sample-pixels.ts';
import { readThumbnail } from './thumbnails.ts';

let source: TestFolder;
let project: ImportProject;
beforeEach(() => {
  source = makeTestFolder();
  project = makeImportProject();
});
afterEach(() => {
  project.remove();
  source.remove();
});

const first = 1 as SampleId;

async function flat(width: number, height: number, background: string): Promise<Buffer> {
  return sharp({ create: { width, height, channels: background.length > 7 ? 4 : 3, background } })
    .png()
    .toBuffer();
}

/** Value of one channel at a place in the first of the squares. */
function at(pixels: Uint8Array, size: number, channel: number, row: number, column: number): number {
  return pixels[(channel * size + row) * size + column]!;
}

describe('readPixels', () => {
  it('gives same-size images as they are, channel by channel, in the order asked for', async () => {
    source.write('a/1.png', await encodeImage('png', 12, 12, 1));
    source.write('a/2.bmp', await encodeImage('bmp', 12, 12, 2));
    await project.import(source.path);
    const pixels = await readPixels(project.folder, [2, 1, 2] as SampleId[], { size: 12, channels: 3 });
    const planes = (seed: number): number[] => {
      const interleaved = gradient(12, 12, seed);
      return [0, 1, 2].flatMap((channel) => [...interleaved].filter((_, index) => index % 3 === channel));
    };
    expect([...pixels]).toEqual([...planes(2), ...planes(1), ...planes(2)]);
  });

  it('keeps the aspect and continues the border colour beside the image', async () => {
    source.write('a/wide.png', await flat(40, 10, '#3264c8'));
    await project.import(source.path);
    const pixels = await readPixels(project.folder, [first], { size: 20, channels: 3 });
    for (const [channel, value] of [0x32, 0x64, 0xc8].entries()) {
      for (const row of [0, 7, 10, 19]) {
        expect(Math.abs(at(pixels, 20, channel, row, 10) - value)).toBeLessThanOrEqual(1);
      }
    }
    // White with a black bar across its middle: what is added above and below is of the border, not of the bar.
    const bar = new Uint8Array(30 * 10).fill(255);
    for (let row = 3; row < 7; row++) bar.fill(0, row * 30 + 2, row * 30 + 28);
    source.write(
      'a/bar.png',
      await sharp(bar, { raw: { width: 30, height: 10, channels: 1 } })
        .png()
        .toBuffer(),
    );
    await project.import(source.path);
    const grey = await readPixels(project.folder, [2 as SampleId], { size: 30, channels: 1 });
    expect(at(grey, 30, 0, 0, 15)).toBe(255);
    expect(at(grey, 30, 0, 15, 15)).toBe(0);
  });

  it('shows transparency as white, enlarges small images, and makes grey of colour and colour of grey', async () => {
    source.write('a/clear.png', await flat(6, 6, '#00000000'));
    source.write('a/red.png', await flat(6, 6, '#ff0000'));
    const grey = sharp(new Uint8Array(36).fill(90), { raw: { width: 6, height: 6, channels: 1 } });
    source.write('a/sgrey.png', await grey.png().toBuffer());
    await project.import(source.path);
    const ids = [1, 2, 3] as SampleId[];
    const one = await readPixels(project.folder, ids, { size: 9, channels: 1 });
    expect(new Set(one.subarray(0, 81))).toEqual(new Set([255]));
    expect(one[81]).toBeGreaterThan(30);
    expect(one[81]).toBeLessThan(150);
    expect(new Set(one.subarray(162))).toEqual(new Set([90]));
    const three = await readPixels(project.folder, [3 as SampleId], { size: 9, channels: 3 });
    expect(new Set(three)).toEqual(new Set([90]));
  });

  it('keeps every side when an image is a thin line', async () => {
    source.write('a/line.png', await flat(900, 1, '#808080'));
    await project.import(source.path);
    const pixels = await readPixels(project.folder, [first], { size: 8, channels: 1 });
    expect(pixels.every((value) => Math.abs(value - 128) <= 1)).toBe(true);
  });

  it('reads IDX images exactly at their own size, and resized', async () => {
    const pixel = (image: number, row: number, column: number): number => image * 50 + row * 7 + column;
    writeIdxPair(source.path, { prefix: 'train', labels: [0, 1, 2], rows: 5, columns: 5, pixel }, true);
    await project.import(source.path);
    const pixels = await readPixels(project.folder, [3, 1] as SampleId[], { size: 5, channels: 1 });
    const square = (image: number): number[] =>
      Array.from({ length: 25 }, (_, index) => pixel(image, Math.floor(index / 5), index % 5));
    expect([...pixels]).toEqual([...square(2), ...square(0)]);
    const larger = await readPixels(project.folder, [3, 1] as SampleId[], { size: 8, channels: 3 });
    expect(larger.length).toBe(2 * 3 * 64);
    expect([...larger.subarray(0, 64)]).toEqual([...larger.subarray(64, 128)]);
  });

  it('names an original that is gone or broke', async () => {
    await source.writeImage('a/1.png', 1);
    await source.writeImage('a/2.png', 2);
    await project.import(source.path);
    rmSync(join(source.path, 'a/1.png'));
    source.write('a/2.png', (await encodeImage('png', 60, 60)).subarray(0, 80));
    const layout = { size: 8, channels: 1 } as const;
    await expect(readPixels(project.folder, [first], layout)).rejects.toMatchObject({
      code: 'sample-file-missing',
      details: { sampleId: 1 },
    });
    await expect(readPixels(project.folder, [2 as SampleId], layout)).rejects.toMatchObject({
      code: 'sample-file-damaged',
      details: { sampleId: 2 },
    });
    await expect(readPixels(project.folder, [99 as SampleId], layout)).rejects.toMatchObject({
      code: 'sample-not-found',
    });
  });
});

describe('readOriginal', () => {
  it('passes on what browsers show and re-encodes the rest without loss', async () => {
    const jpeg = await encodeImage('jpeg');
    source.write('a/1.jpg', jpeg);
    source.write('a/2.bmp', await encodeImage('bmp', 20, 14, 6));
    await project.import(source.path);
    const passed = await readOriginal(project.folder, first);
    expect(passed.type).toBe('image/jpeg');
    expect(Buffer.from(passed.bytes).equals(jpeg)).toBe(true);
    const encoded = await readOriginal(project.folder, 2 as SampleId);
    expect(encoded.type).toBe('image/png');
    expect([...(await sharp(encoded.bytes).raw().toBuffer())]).toEqual([...gradient(20, 14, 6)]);
    rmSync(join(source.path, 'a/1.jpg'));
    await expect(readOriginal(project.folder, first)).rejects.toMatchObject({ code: 'sample-file-missing' });
  });

  it('shows one IDX image', async () => {
    writeIdxPair(source.path, {
      prefix: 'train',
      labels: [0, 0],
      rows: 2,
      columns: 3,
      pixel: (image) => 40 + image,
    });
    await project.import(source.path);
    const { bytes, type } = await readOriginal(project.folder, 2 as SampleId);
    expect(type).toBe('image/png');
    expect([...(await sharp(bytes).toColourspace('b-w').raw().toBuffer())]).toEqual(new Array(6).fill(41));
  });
});

describe('readThumbnail', () => {
  it('remakes what is missing, also of IDX images', async () => {
    source.write('a/1.jpg', await encodeImage('jpeg', 300, 200));
    await project.import(source.path);
    project.folder.thumbnails.exec('DELETE FROM thumbnails');
    const widthOf = async (size: 96 | 256): Promise<number> =>
      (await sharp((await readThumbnail(project.folder, first, size)).bytes).metadata()).width;
    expect(await widthOf(96)).toBe(96);
    expect(await widthOf(256)).toBe(256);
    expect(project.folder.thumbnails.prepare('SELECT count(*) FROM thumbnails').pluck().get()).toBe(2);
    await expect(readThumbnail(project.folder, 7 as SampleId, 96)).rejects.toMatchObject({
      code: 'sample-not-found',
    });
  });
});
