import { describe, expect, it } from 'vitest';
import { Random } from '../../base/random.ts';
import { plainMatrixEngine } from '../../linalg/matrix-engine.ts';
import {
  bestWindows,
  imageRows,
  pictureRows,
  SEARCH_GRID,
  surprise,
  warpOfWindow,
  windowSearches,
} from './crop-search.ts';
import { resampleByArea } from './grey-image.ts';

/** Soft random blots over a large plane. */
function scene(seed: number): (x: number, y: number) => number {
  const random = new Random(seed, 'scene');
  const blots = Array.from({ length: 24 }, () => ({
    x: random.uniform(),
    y: random.uniform(),
    size: 0.05 + 0.15 * random.uniform(),
    level: 160 * random.uniform() - 80,
  }));
  return (x, y) =>
    128 +
    blots.reduce(
      (sum, blot) => sum + blot.level * Math.exp(-((x - blot.x) ** 2 + (y - blot.y) ** 2) / blot.size ** 2),
      0,
    );
}

/** The part of a scene from (left, top), `side` wide, on the grid. */
function part(seed: number, left: number, top: number, side: number, mirrored = false): Uint8Array {
  const of = scene(seed);
  const fine = 4 * SEARCH_GRID;
  const pixels = Float32Array.from({ length: fine ** 2 }, (_, at) => {
    const column = ((at % fine) + 0.5) / fine;
    return of(
      left + side * (mirrored ? 1 - column : column),
      top + (side * (Math.floor(at / fine) + 0.5)) / fine,
    );
  });
  const small = resampleByArea({ width: fine, height: fine, data: pixels }, SEARCH_GRID, SEARCH_GRID);
  return Uint8Array.from(small, (value) => Math.max(0, Math.min(255, Math.round(value))));
}

/** The picture that surprises most for the only image, and where alignment would begin. */
async function search(image: Uint8Array, pictures: readonly Uint8Array[]) {
  let best = {
    surprise: -Infinity,
    picture: -1,
    correlation: 0,
    warp: warpOfWindow(windowSearches(1)[0]!, 0, false),
  };
  for (const each of windowSearches(0.4)) {
    const products = await plainMatrixEngine.multiply(pictureRows(pictures, each), imageRows([image], each), {
      transposeB: true,
    });
    const found = bestWindows(products, each, 1);
    for (const [picture, correlation] of found.correlations.entries()) {
      const sure = surprise(correlation, each);
      if (sure <= best.surprise) continue;
      const warp = warpOfWindow(each, found.windows[picture]!, found.mirrored[picture] === 1);
      best = { surprise: sure, picture, correlation, warp };
    }
  }
  return best;
}

const pictures = Array.from({ length: 40 }, (_, seed) => part(seed, 0, 0, 1));

describe('a search over windows', () => {
  it('looks at crops of the query only where they cover enough of it', () => {
    const around = windowSearches(0.4).filter(({ way }) => way === 'around');
    expect(around.map(({ side }) => side)).toEqual([14, 13, 11]);
    expect(windowSearches(1).filter(({ way }) => way === 'around')).toEqual([]);
  });

  it.each([
    ['the whole', 0, 0, 1, false, 1],
    ['the whole, mirrored', 0, 0, 1, true, 1],
    ['a crop to 60 %', 0.25, 0.1, 0.6, false, 0.62],
    ['a mirrored crop to 70 %', 0.1, 0.2, 0.7, true, 0.69],
    ['something around it', -0.1, -0.05, 1.25, false, 1.25],
  ])('finds %s, and where to begin', async (_, left, top, side, mirrored, scale) => {
    const found = await search(part(7, left, top, side, mirrored), pictures);
    expect(found.picture).toBe(7);
    expect(found.correlation).toBeGreaterThan(0.9);
    expect(found.warp.mirrored).toBe(mirrored);
    expect(Math.abs(found.warp.x.scale - scale)).toBeLessThan(0.15);
    const offset = mirrored ? 1 - left - side : left;
    expect(Math.abs(found.warp.x.offset - offset)).toBeLessThan(0.12);
    expect(Math.abs(found.warp.y.offset - top)).toBeLessThan(0.12);
  });

  it('finds nothing in plain windows', async () => {
    const plain = new Uint8Array(SEARCH_GRID ** 2).fill(90);
    const found = await search(plain, pictures.slice(0, 2));
    expect(found.correlation).toBe(0);
  });
});
