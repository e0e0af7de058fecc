/** @file Makes image files for tests: small pictures that differ from each other, in every format that is read. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import sharp, { type Sharp } from 'sharp';
import { encodeBitmap } from './bitmap-writer.ts';

export type TestFormat = 'png' | 'jpeg' | 'webp' | 'gif' | 'tiff' | 'bmp';

/** Raw RGB pixels: a gradient whose tint depends on the seed. */
export function gradient(width: number, height: number, seed = 0): Uint8Array {
  const pixels = new Uint8Array(width * height * 3);
  for (let pixel = 0; pixel < width * height; pixel++) {
    pixels[pixel * 3] = (seed * 37 + (pixel % width) * 5) % 256;
    pixels[pixel * 3 + 1] = (seed * 91 + Math.floor(pixel / width) * 5) % 256;
    pixels[pixel * 3 + 2] = (seed * 53) % 256;
  }
  return pixels;
}

export function rawImage(width: number, height: number, seed = 0): Sharp {
  return sharp(gradient(width, height, seed), { raw: { width, height, channels: 3 } });
}

export async function encodeImage(format: TestFormat, width = 20, height = 14, seed = 0): Promise<Buffer> {
  if (format === 'bmp') {
    return encodeBitmap({ width, height, bits: 24, values: [...gradient(width, height, seed)] });
  }
  const image = rawImage(width, height, seed);
  // sharp's TIFFs are JPEG inside unless told otherwise.
  return (format === 'tiff' ? image.tiff({ compression: 'lzw' }) : image.toFormat(format)).toBuffer();
}

export interface TestFolder {
  readonly path: string;
  /** Writes a file, with the folders above it. */
  write(name: string, bytes: Uint8Array | string): void;
  /** Writes a PNG whose content follows from the seed. */
  writeImage(name: string, seed: number): Promise<void>;
  remove(): void;
}

export function makeTestFolder(): TestFolder {
  const path = mkdtempSync(join(tmpdir(), 'whence-images-'));
  const write = (name: string, bytes: Uint8Array | string): void => {
    mkdirSync(dirname(join(path, name)), { recursive: true });
    writeFileSync(join(path, name), bytes);
  };
  return {
    path,
    write,
    writeImage: async (name, seed) => write(name, await encodeImage('png', 20, 14, seed)),
    remove: () => rmSync(path, { recursive: true, force: true }),
  };
}
