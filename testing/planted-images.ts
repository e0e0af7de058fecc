/** @file A folder of pictures with planted issues: copies, copies saved anew, blanks, blurred, dark, bright, tiny, odd and broken ones. */
import { mkdirSync, copyFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import sharp, { type Sharp } from 'sharp';
import { Random } from '../src/core/base/random.ts';

const SIDE = 96;
const CLEAN_COUNT = 60;

/** Paths relative to the folder. */
export interface PlantedImages {
  readonly clean: readonly string[];
  /** Single images by kind of issue. */
  readonly single: Readonly<
    Record<'blank' | 'dark' | 'bright' | 'blurred' | 'tiny' | 'odd-aspect', readonly string[]>
  >;
  /** Clusters by kind of issue. */
  readonly clusters: Readonly<
    Record<'exact-duplicate' | 'near-duplicate' | 'leakage', readonly (readonly string[])[]>
  >;
  readonly broken: readonly string[];
}

/** Class folders 'round' and 'square' under train and test. Equal seeds give equal files. */
export async function writePlantedImages(folder: string, seed: number): Promise<PlantedImages> {
  const at = (path: string): string => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    return join(folder, path);
  };
  const write = async (path: string, image: Sharp): Promise<string> => {
    await image.toFile(at(path));
    return path;
  };
  const copy = (from: string, to: string): string => {
    copyFileSync(join(folder, from), at(to));
    return to;
  };
  const clean: string[] = [];
  for (let index = 0; index < CLEAN_COUNT; index++) {
    const path = `${index % 4 === 3 ? 'test' : 'train'}/${index % 2 === 0 ? 'round' : 'square'}/${index}.png`;
    clean.push(await write(path, scene(seed + index)));
  }
  const [a, b, c, d, e] = clean as [string, string, string, string, string];
  const exact = [
    [a, copy(a, 'train/round/copy.png')],
    [b, await write('train/square/saved-again.png', sharp(join(folder, b)).png({ compressionLevel: 1 }))],
  ];
  const near = [
    [c, await write('train/round/compressed.jpg', sharp(join(folder, c)).jpeg({ quality: 60 }))],
    [e, await write('train/square/smaller.png', sharp(join(folder, e)).resize(64, 64))],
  ];
  const leaks = [
    [d, copy(d, 'train/square/learned.png')],
    [
      clean[7]!,
      await write('train/square/learned.jpg', sharp(join(folder, clean[7]!)).jpeg({ quality: 70 })),
    ],
  ];
  const single = {
    blank: [
      await write('train/round/white.png', flat('#fefefe')),
      await write('train/round/black.png', flat('#020202')),
    ],
    dark: [await write('train/round/night.png', scene(seed + 101).linear(0.2, 2))],
    bright: [await write('train/square/washed.png', scene(seed + 102).linear(0.15, 215))],
    blurred: [
      await write('train/square/blurred.png', scene(seed + 103).blur(5)),
      await write('train/round/shaken.png', scene(seed + 104).blur(4)),
    ],
    tiny: [await write('train/round/tiny.png', scene(seed + 105).resize(16, 16))],
    'odd-aspect': [await write('train/round/strip.png', scene(seed + 106, SIDE, SIDE / 4))],
  };
  writeFileSync(at('train/round/no-image.png'), 'these are words');
  writeFileSync(
    at('train/round/cut.png'),
    (
      await scene(seed + 107)
        .png()
        .toBuffer()
    ).subarray(0, 900),
  );
  return {
    clean,
    single,
    clusters: { 'exact-duplicate': exact, 'near-duplicate': near, leakage: leaks },
    broken: ['train/round/cut.png', 'train/round/no-image.png'],
  };
}

function flat(background: string): Sharp {
  return sharp({ create: { width: SIDE, height: SIDE, channels: 3, background } });
}

/** Discs and bars on a textured ground: no two seeds look alike. */
export function scene(seed: number, width = SIDE, height = SIDE): Sharp {
  const random = new Random(seed, 'scene');
  const pixels = new Uint8Array(width * height * 3);
  const ground = [random.integer(120), random.integer(120), random.integer(120)];
  const shapes = Array.from({ length: 7 }, () => ({
    x: random.integer(width),
    y: random.integer(height),
    radius: 6 + random.integer(22),
    isRound: random.uniform() < 0.5,
    colour: [random.integer(256), random.integer(256), random.integer(256)],
  }));
  for (let row = 0; row < height; row++)
    for (let column = 0; column < width; column++) {
      const texture = random.integer(24);
      const shape = shapes.findLast(({ x, y, radius, isRound }) =>
        isRound
          ? (column - x) ** 2 + (row - y) ** 2 < radius ** 2
          : Math.abs(column - x) < radius && Math.abs(row - y) < radius / 3,
      );
      for (let channel = 0; channel < 3; channel++)
        pixels[(row * width + column) * 3 + channel] = Math.min(
          255,
          (shape?.colour ?? ground)[channel]! + texture,
        );
    }
  return sharp(pixels, { raw: { width, height, channels: 3 } });
}
