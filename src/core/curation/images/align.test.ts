import { describe, expect, it } from 'vitest';
import { Random } from '../../base/random.ts';
import { ALIGNED_SIDE, alignable, alignImages } from './align.ts';
import {
  coverage,
  fromPlacement,
  mirror,
  toPlacement,
  warpImage,
  type SquareImage,
  type Warp,
} from './warp.ts';

/** Waves of all directions: natural enough to be found again, and unlike any other seed's. */
function picture(seed: number): SquareImage {
  const random = new Random(seed, 'picture');
  const waves = Array.from({ length: 14 }, () => ({
    x: 10 * (random.uniform() - 0.5),
    y: 10 * (random.uniform() - 0.5),
    phase: 6.3 * random.uniform(),
    size: 10 + 20 * random.uniform(),
    channel: random.integer(3),
  }));
  const data = new Float32Array(3 * ALIGNED_SIDE ** 2);
  for (let channel = 0; channel < 3; channel++)
    for (let row = 0; row < ALIGNED_SIDE; row++)
      for (let column = 0; column < ALIGNED_SIDE; column++) {
        let value = 128;
        for (const wave of waves)
          value +=
            wave.size *
            (wave.channel === channel ? 1 : 0.5) *
            Math.sin(3.1 * ((wave.x * column) / ALIGNED_SIDE + (wave.y * row) / ALIGNED_SIDE) + wave.phase);
        data[(channel * ALIGNED_SIDE + row) * ALIGNED_SIDE + column] = value;
      }
  return { channels: 3, side: ALIGNED_SIDE, data };
}

const warp = (mirrored: boolean, offset: number, scale: number, down = scale): Warp => ({
  mirrored,
  x: { offset, scale },
  y: { offset: offset / 2, scale: down },
});
const identity = warp(false, 0, 1);
const limits = { leastCoverage: 0.4, leastAgreement: 0.95 };

/** The query as it would be, had it been cut out of the sample like this. */
function cutOut(sample: SquareImage, how: Warp): SquareImage {
  return warpImage(how.mirrored ? mirror(sample) : sample, how, ALIGNED_SIDE);
}

describe('warps', () => {
  it('and placements say the same', () => {
    for (const how of [identity, warp(true, 0.2, 0.6), warp(true, -0.2, 1.4, 1.2), warp(false, 0.3, 0.9)]) {
      const back = fromPlacement(toPlacement(how));
      for (const axis of ['x', 'y'] as const)
        for (const part of ['offset', 'scale'] as const)
          expect(back[axis][part]).toBeCloseTo(how[axis][part], 10);
    }
  });

  it('place the covered parts within both images', () => {
    const { query, sample } = toPlacement(warp(true, 0.5, 1));
    expect(query).toMatchObject({ x: 0, width: 0.5 });
    expect(sample).toMatchObject({ x: 0, width: 0.5 });
    expect(coverage(warp(true, 0.5, 1))).toBeCloseTo(0.5 * 0.75);
  });

  it('leave an image as it is where nothing moves', () => {
    const image = picture(1);
    const same = warpImage(image, identity, ALIGNED_SIDE);
    expect(Math.max(...same.data.map((value, at) => Math.abs(value - image.data[at]!)))).toBeLessThan(1e-3);
  });
});

describe('alignment', () => {
  it('finds the same image in itself', () => {
    const image = alignable(picture(1));
    expect(alignImages(image, image, [identity], limits)!.agreement).toBeCloseTo(1, 5);
  });

  it.each([
    ['a crop', warp(false, 0.2, 0.6)],
    ['a stretched crop', warp(false, 0.1, 0.7, 0.8)],
    ['a mirrored crop', warp(true, 0.15, 0.7)],
  ])('finds %s again from a beginning nearby, and where it was cut out', (_, how) => {
    const sample = picture(2);
    const beginning: Warp = {
      ...how,
      x: { offset: how.x.offset + 0.05, scale: how.x.scale * 0.95 },
    };
    const found = alignImages(
      alignable(cutOut(sample, how)),
      alignable(sample),
      [identity, beginning],
      limits,
    )!;
    expect(found.agreement).toBeGreaterThan(0.99);
    expect(found.warp.mirrored).toBe(how.mirrored);
    expect(found.warp.x.offset).toBeCloseTo(how.x.offset, 1);
    expect(found.warp.y.scale).toBeCloseTo(how.y.scale, 1);
  });

  it('finds a training image that is a part of the query', () => {
    const query = picture(3);
    const part = cutOut(query, warp(false, 0.1, 0.8));
    const beginning = warp(false, -0.12, 1.2);
    const found = alignImages(alignable(query), alignable(part), [identity, beginning], limits)!;
    expect(found.agreement).toBeGreaterThan(0.98);
    expect(coverage(found.warp)).toBeCloseTo(0.64, 1);
  });

  it('does not make different images agree, and never says more than 1', () => {
    for (let seed = 10; seed < 16; seed++) {
      const pair = [alignable(picture(seed)), alignable(picture(seed + 100))] as const;
      const found = alignImages(...pair, [identity], { ...limits, leastAgreement: 0 });
      expect(found?.agreement ?? -1).toBeLessThan(0.8);
    }
  });

  it('says nothing of blank images', () => {
    const blank = alignable({
      channels: 3,
      side: ALIGNED_SIDE,
      data: new Float32Array(3 * ALIGNED_SIDE ** 2).fill(9),
    });
    expect(alignImages(blank, alignable(picture(1)), [identity], limits)).toBeNull();
  });
});
