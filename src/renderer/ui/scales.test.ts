import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { linearScale, logScale } from './scales.ts';

const thousandths = (min: number) => fc.integer({ min, max: 1e9 }).map((value) => value / 1000);
const values = fc.array(thousandths(-1e9), { minLength: 1, maxLength: 20 });
const costs = fc.array(thousandths(0), { minLength: 1, maxLength: 20 });

describe('linearScale', () => {
  it('has round ticks around the values', () => {
    expect(linearScale([-0.02, 0.41], 5).ticks).toEqual([-0.1, 0, 0.1, 0.2, 0.3, 0.4, 0.5]);
    expect(linearScale([3], 4).ticks).toEqual([3, 4]);
    expect(linearScale([], 5).ticks.at(-1)).toBe(1);
  });

  it('places every value within the axis, in order', () => {
    fc.assert(
      fc.property(values, (numbers) => {
        const { place } = linearScale(numbers, 5);
        const places = numbers.toSorted((a, b) => a - b).map(place);
        for (const share of places) expect(share).toBeGreaterThanOrEqual(-1e-6);
        for (const share of places) expect(share).toBeLessThanOrEqual(1 + 1e-6);
        expect(places).toEqual(places.toSorted((a, b) => a - b));
      }),
    );
  });
});

describe('logScale', () => {
  it('has a tick at each power of ten, and puts ten times as much one step further', () => {
    const { place, ticks } = logScale([3, 700]);
    expect(ticks).toEqual([1, 10, 100, 1000]);
    expect(place(300) - place(30)).toBeCloseTo(1 / 3, 10);
  });

  it('keeps zero apart from the smallest positive value', () => {
    const { place, ticks } = logScale([0, 1, 50]);
    expect(ticks).toEqual([0, 1, 10, 100]);
    expect(place(0)).toBe(0);
    expect(place(1)).toBeGreaterThan(0.05);
  });

  it('places every cost within the axis', () => {
    fc.assert(
      fc.property(costs, (numbers) => {
        const { place } = logScale(numbers);
        for (const share of numbers.map(place)) {
          expect(share).toBeGreaterThanOrEqual(-1e-6);
          expect(share).toBeLessThanOrEqual(1 + 1e-6);
        }
      }),
    );
  });
});
