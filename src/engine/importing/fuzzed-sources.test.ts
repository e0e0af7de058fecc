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

/** What once was read without end, or ended otherwise than in words. */
const found: readonly [format: string, damage: Damage][] = [
  ['Parquet tables', { kind: 'flip', at: 0.23688414692878723, mask: 30 }],
  ['Parquet tables', { kind: 'flip', at: 0.16444756439886987, mask: 215 }],
  ['Parquet tables', { kind: 'flip', at: 0.3698282113764435, mask: 118 }],
  ['Parquet images', { kind: 'flip', at: 0.4603426216635853, mask: 218 }],
];

describe('damaged sources', () => {
  it.each(found)('in %s that a search found are refused: %o', async (format, damage) => {
    const bench = new FuzzBench(sources.find(({ name }) => name === format)!);
    expect(await bench.import([damage])).toMatch(EXPECTED);
    bench.remove();
  });

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
