import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Random } from '../../base/random.ts';
import { Clusters } from './clusters.ts';
import { resampleByArea, toGrey, type GreyImage } from './grey-image.ts';
import { hammingDistance, pairsAcross, pairsWithin } from './hamming-search.ts';
import { measureImage } from './image-measures.ts';
import { perceptualHashes, HASHED_SIZE } from './perceptual-hash.ts';
import { robustDeviations } from './robust-deviation.ts';
import { strangeness } from './strangeness.ts';

function draw(width: number, height: number, luma: (column: number, row: number) => number): GreyImage {
  const data = Float32Array.from({ length: width * height }, (_, at) =>
    luma(at % width, Math.floor(at / width)),
  );
  return { width, height, data };
}

describe('toGrey', () => {
  it('weighs the colours as eyes do, and leaves grey as it is', () => {
    const colours = Uint8Array.of(255, 0, 0, 0, 255, 0, 0, 0, 255, 90, 90, 90);
    expect([...toGrey(colours, 2, 2, 3).data]).toEqual([76, 150, 29, 90]);
    expect([...toGrey(Uint8Array.of(1, 2), 2, 1, 1).data]).toEqual([1, 2]);
  });
});

describe('resampleByArea', () => {
  it('keeps the mean, whatever the sizes', () => {
    const sizes = fc.record({
      width: fc.integer({ min: 1, max: 40 }),
      height: fc.integer({ min: 1, max: 40 }),
    });
    fc.assert(
      fc.property(sizes, sizes, fc.nat(), (from, to, seed) => {
        const random = new Random(seed, 'pixels');
        const image = draw(from.width, from.height, () => random.integer(256));
        const mean = (values: Iterable<number>, count: number): number =>
          [...values].reduce((sum, value) => sum + value, 0) / count;
        const resampled = resampleByArea(image, to.width, to.height);
        expect(mean(resampled, resampled.length)).toBeCloseTo(mean(image.data, image.data.length), 3);
      }),
      { numRuns: 100 },
    );
  });

  it('is the image itself where the size is the same, and blocks of it where it is halved', () => {
    const image = draw(4, 2, (column, row) => column + 10 * row);
    expect([...resampleByArea(image, 4, 2)]).toEqual([...image.data]);
    expect([...resampleByArea(image, 2, 1)]).toEqual([5.5, 7.5]);
  });
});

describe('measureImage', () => {
  it('says of one colour: no contrast, no entropy, no sharpness to speak of', () => {
    const measured = measureImage(draw(10, 10, () => 51));
    expect(measured).toMatchObject({
      luminance: 0.2,
      contrast: 0,
      entropy: 0,
      shadows: 0.2,
      highlights: 0.2,
    });
    expect(measured.sharpness).toBeNaN();
  });

  it('says of a chessboard: half bright, one bit, as sharp as can be', () => {
    const measured = measureImage(draw(8, 8, (column, row) => 255 * ((column + row) % 2)));
    expect(measured).toMatchObject({ luminance: 0.5, contrast: 0.5, entropy: 1, shadows: 0, highlights: 1 });
    // Every inner pixel differs from its four neighbours by 255: (4 · 255)² over (255 / 2)².
    expect(measured.sharpness).toBeCloseTo(64, 9);
  });

  it('says of a ramp: no edge at all; of every luma once: eight bits', () => {
    const ramp = measureImage(draw(256, 4, (column) => column));
    expect(ramp.entropy).toBeCloseTo(8, 12);
    expect(ramp.sharpness).toBeCloseTo(0, 9);
    expect(ramp.contrast).toBeCloseTo(Math.sqrt((256 ** 2 - 1) / 12) / 255, 9);
  });

  it('gives the sharpness of a wave by its frequency alone: (2 − 2 cos ω)²', () => {
    for (const waves of [2, 4, 8, 16]) {
      const omega = (2 * Math.PI * waves) / 64;
      // Whole periods among the inner pixels; luma is rounded in the histogram only.
      const image = draw(66, 66, (column) => 128 + 100 * Math.sin(omega * column));
      expect(measureImage(image).sharpness / (2 - 2 * Math.cos(omega)) ** 2).toBeCloseTo(1, 1);
    }
  });

  it('does not change with contrast and brightness', () => {
    const random = new Random(1, 'noise');
    const noise = draw(64, 64, () => random.integer(101));
    const sharpness = (image: GreyImage): number => measureImage(image).sharpness;
    const louder = draw(64, 64, (column, row) => 2 * noise.data[row * 64 + column]! + 40);
    expect(sharpness(louder)).toBeCloseTo(sharpness(noise), 6);
    expect(sharpness(noise)).toBeGreaterThan(18);
    expect(sharpness(noise)).toBeLessThan(22);
  });

  it('lets one pixel in a hundred be of any brightness', () => {
    const night = draw(100, 100, (column, row) => (row === 0 && column < 90 ? 255 : 20));
    expect(measureImage(night).highlights).toBeCloseTo(20 / 255, 9);
    const page = draw(100, 100, (_, row) => (row < 2 ? 0 : 250));
    expect(measureImage(page).shadows).toBe(0);
  });
});

describe('perceptualHashes', () => {
  const picture = (seed: number): Float32Array => {
    const random = new Random(seed, 'waves');
    const waves = Array.from(
      { length: 6 },
      () => [random.uniform(), random.uniform(), random.uniform()] as const,
    );
    return Float32Array.from({ length: HASHED_SIZE ** 2 }, (_, at) => {
      const [x, y] = [at % HASHED_SIZE, Math.floor(at / HASHED_SIZE)];
      return (
        128 + waves.reduce((sum, [a, b, c]) => sum + 20 * Math.sin(0.5 * a * x + 0.5 * b * y + 7 * c), 0)
      );
    });
  };
  const distance = (a: readonly [number, number], b: readonly [number, number]): number =>
    hammingDistance(Uint32Array.of(...a), 0, Uint32Array.of(...b), 0);

  it('is the same for a brighter image of more contrast, and half its bits are set', () => {
    const image = picture(3);
    const { upright } = perceptualHashes(image);
    expect(perceptualHashes(image.map((value) => 1.5 * value + 9)).upright).toEqual(upright);
    expect(distance(upright, [0, 0])).toBe(32);
  });

  it('knows the hash of the mirror image without mirroring', () => {
    for (const seed of [1, 2, 3, 4]) {
      const image = picture(seed);
      const turned = image.map(
        (_, at) => image[at - (at % HASHED_SIZE) + HASHED_SIZE - 1 - (at % HASHED_SIZE)]!,
      );
      expect(
        distance(perceptualHashes(turned).upright, perceptualHashes(image).mirrored),
      ).toBeLessThanOrEqual(2);
    }
  });

  it('differs in about half of its bits between images that have nothing in common', () => {
    expect(
      distance(perceptualHashes(picture(1)).upright, perceptualHashes(picture(2)).upright),
    ).toBeGreaterThan(12);
  });
});

describe('pairsWithin', () => {
  /** Hashes near each other, so that there are pairs at every distance. */
  const lists = fc
    .record({
      count: fc.integer({ min: 0, max: 60 }),
      seed: fc.nat(),
      flips: fc.integer({ min: 1, max: 24 }),
    })
    .map(({ count, seed, flips }) => {
      const random = new Random(seed, 'hashes');
      const hashes = new Uint32Array(2 * count);
      for (let place = 0; place < count; place++) {
        const words = [0x12345678, 0x9abcdef0];
        for (let flip = random.integer(flips); flip > 0; flip--)
          words[random.integer(2)]! ^= 1 << random.integer(32);
        hashes.set(words, 2 * place);
      }
      return hashes;
    });

  const naive = (asked: Uint32Array, indexed: Uint32Array, radius: number): string[] => {
    const found: string[] = [];
    for (let first = 0; first < asked.length / 2; first++)
      for (let second = first + 1; second < asked.length / 2; second++) {
        const distance = hammingDistance(asked, first, indexed, second);
        if (distance <= radius) found.push(`${first} ${second} ${distance}`);
      }
    return found.toSorted();
  };
  const written = (pairs: Iterable<{ first: number; second: number; distance: number }>): string[] =>
    Array.from(pairs, ({ first, second, distance }) => `${first} ${second} ${distance}`).toSorted();

  it('finds what comparing all with all finds, and each pair once', () => {
    fc.assert(
      fc.property(lists, fc.integer({ min: 0, max: 12 }), (hashes, radius) => {
        expect(written(pairsWithin(hashes, radius))).toEqual(naive(hashes, hashes, radius));
        const turned = hashes.map((word) => Math.imul(word, 3) >>> 0);
        expect(written(pairsAcross(hashes, turned, radius))).toEqual(naive(hashes, turned, radius));
      }),
      { numRuns: 30 },
    );
  });
});

describe('Clusters', () => {
  it('are the connected components of the pairs', () => {
    const pairs = fc.array(fc.tuple(fc.nat({ max: 19 }), fc.nat({ max: 19 })), { maxLength: 30 });
    fc.assert(
      fc.property(pairs, (joined) => {
        const clusters = new Clusters(20);
        for (const [first, second] of joined) clusters.join(first, second);
        const reach = Array.from({ length: 20 }, (_, item) => item);
        for (let round = 0; round < 20; round++)
          for (const [first, second] of joined)
            reach[first] = reach[second] = Math.min(reach[first]!, reach[second]!);
        const wanted = [...new Set(reach)]
          .map((least) => reach.flatMap((found, item) => (found === least ? [item] : [])))
          .filter((items) => items.length > 1);
        expect(clusters.several()).toEqual(wanted);
      }),
    );
  });
});

describe('strangeness', () => {
  it('is a half at the median, three quarters at twice of it, and 0 amid copies', () => {
    expect([...strangeness(Float64Array.of(1, 2, 3, 4, 0))]).toEqual(
      [1, 2, 3, 4, 0].map((d) => 1 - 2 ** (-d / 2)),
    );
    expect(strangeness(Float64Array.of(1, 2, 4))[2]).toBe(0.75);
    expect([...strangeness(Float64Array.of(0, 0, 0, 5))]).toEqual([0, 0, 0, 0]);
    expect([...strangeness(Float64Array.of(NaN, 1))]).toEqual([NaN, 0.5]);
  });
});

describe('robustDeviations', () => {
  it('are those of a normal set in its middle, and are not moved by a strange value', () => {
    const values = Float64Array.of(-2, -1, 0, 1, 2);
    expect([...robustDeviations(values)]).toEqual([-2, -1, 0, 1, 2].map((value) => 0.6745 * value));
    expect(robustDeviations(Float64Array.of(...values, 1e9)).at(2)).toBeGreaterThan(-1);
  });

  it('say nothing where half of the values are equal, and leave the unknown unknown', () => {
    expect([...robustDeviations(Float64Array.of(1, 1, 1, 9))]).toEqual([0, 0, 0, 0]);
    expect([...robustDeviations(Float64Array.of(NaN, NaN))]).toEqual([NaN, NaN]);
  });
});
