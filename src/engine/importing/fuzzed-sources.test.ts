import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FuzzBench, fuzzedSources, type Damage } from '../../../testing/source-fuzz.ts';

/** The bench `fuzz-importers` does the same ten thousand times for each format. */
const RUNS = 10;
const SEED = 20261130;
const EXPECTED = /^(imported|source-[a-z-]+)$/;

const place = fc.double({ min: 0, max: 1, noNaN: true });
const damage: fc.Arbitrary<Damage> = fc.oneof(
  fc.record({ kind: fc.constant('flip' as const), at: place, mask: fc.integer({ min: 1, max: 255 }) }),
  fc.record({ kind: fc.constant('cut' as const), at: place }),
  fc.record({
    kind: fc.constant('insert' as const),
    at: place,
    bytes: fc.uint8Array({ minLength: 1, maxLength: 9 }),
  }),
  fc.record({
    ...{ kind: fc.constant('swap' as const), at: place, other: place },
    length: fc.integer({ min: 1, max: 8 }),
  }),
);

const sources = await fuzzedSources();

describe('damaged sources', () => {
  it.each(sources)('in $name end in an import or in a word about what is wrong', async (source) => {
    const bench = new FuzzBench(source);
    expect(await bench.import([])).toBe('imported');
    await fc.assert(
      fc.asyncProperty(fc.array(damage, { minLength: 1, maxLength: 4 }), async (damages) => {
        expect(await bench.import(damages)).toMatch(EXPECTED);
      }),
      { numRuns: RUNS, seed: SEED },
    );
    expect(bench.isWhole()).toBe(true);
    bench.remove();
  });
});
