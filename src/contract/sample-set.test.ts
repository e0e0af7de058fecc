import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeMessage, encodeMessage } from './codec.ts';
import {
  containsSamples,
  countSamples,
  hasSample,
  idsOfSamples,
  SampleSet,
  setOfSamples,
  SomeSamples,
} from './sample-set.ts';
import type { SampleId } from './vocabulary.ts';

const someIds = fc.uniqueArray(fc.integer({ min: 1, max: 5000 }), { maxLength: 60 });

describe('a set of images', () => {
  it('holds exactly the ids that it was made of, and says how many', () => {
    fc.assert(
      fc.property(someIds, (ids) => {
        const set = SampleSet.parse(setOfSamples(ids));
        expect(idsOfSamples(set)).toEqual(ids.toSorted((a, b) => a - b));
        expect(countSamples(set)).toBe(ids.length);
        const held = Array.from({ length: 5001 }, (_, id) => id).filter((id) =>
          hasSample(set, id as SampleId),
        );
        expect(held).toEqual(ids.toSorted((a, b) => a - b));
      }),
      { numRuns: 50 },
    );
  });

  it('contains another one where it has all its images', () => {
    fc.assert(
      fc.property(someIds, someIds, (one, two) => {
        const contained = two.every((id) => one.includes(id));
        expect(containsSamples(setOfSamples(one), setOfSamples(two))).toBe(contained);
        expect(containsSamples(setOfSamples([...one, ...two]), setOfSamples(two))).toBe(true);
      }),
      { numRuns: 50 },
    );
  });

  it('of one image late in a large project is one word, of a million images 125 kB', () => {
    expect(setOfSamples([987_654]).words).toHaveLength(1);
    const million = setOfSamples(Int32Array.from({ length: 1_000_000 }, (_, index) => index + 1));
    expect(million.words.byteLength).toBeLessThan(125_010);
    expect(countSamples(million)).toBe(1_000_000);
  });

  it('crosses a socket as it is', () => {
    const set = setOfSamples([40, 41, 90]);
    const frame = encodeMessage({ images: set }, (text) => new TextEncoder().encode(text));
    expect(decodeMessage(frame, (bytes) => new TextDecoder().decode(bytes))).toEqual({ images: set });
  });

  it('without images is refused where some are needed', () => {
    expect(SomeSamples.safeParse(setOfSamples([])).success).toBe(false);
    expect(SomeSamples.safeParse(setOfSamples([64])).success).toBe(true);
  });
});
