import { describe, expect, it } from 'vitest';
import type { MapColours } from '../../../contract/maps-service.ts';
import { setOfSamples } from '../../../contract/sample-set.ts';
import { isOpen, legendOf, markPoints } from './map-marks.ts';
import { FADED, HIDDEN, SELECTED } from './painter.ts';

const ids = Int32Array.of(10, 20, 30, 40);
const colours: MapColours = {
  kind: 'categories',
  codes: Int32Array.of(0, 1, -1, 0),
  entries: [
    { name: 'coat', count: 2 },
    { name: 'shirt', count: 1 },
  ],
  without: 1,
};

const marked = (hidden: readonly number[], matching: readonly number[] | null = null): Uint8Array =>
  markPoints(ids, {
    isSelected: (id) => id === 20,
    matching: matching === null ? null : setOfSamples(matching),
    colours,
    hidden: new Set(hidden),
  });

describe('the points of a map', () => {
  it('are selected, faded by the filter, and hidden by the legend', () => {
    expect([...marked([])]).toEqual([0, SELECTED, 0, 0]);
    expect([...marked([0], [10, 20])]).toEqual([HIDDEN, SELECTED, FADED, FADED | HIDDEN]);
    expect([...marked([-1])]).toEqual([0, SELECTED, HIDDEN, 0]);
  });

  it('can be selected where they are neither faded nor hidden', () => {
    const flags = marked([0], [10, 20]);
    expect([...ids.keys()].filter((point) => isOpen(flags, point))).toEqual([1]);
  });
});

describe('the legend', () => {
  it('counts what the filter lets through of each kind, and what has no value last', () => {
    expect(legendOf(colours, marked([], [10, 20, 30]))).toEqual([
      { code: 0, name: 'coat', total: 2, matching: 1 },
      { code: 1, name: 'shirt', total: 1, matching: 1 },
      { code: -1, name: 'none', total: 1, matching: 1 },
    ]);
  });

  it('of numbers names only those that have none', () => {
    const values = Float32Array.of(0.5, NaN, NaN, 1);
    const numbers: MapColours = { kind: 'numbers', values, from: 0.5, to: 1, without: 2 };
    expect(legendOf(numbers, new Uint8Array(4))).toEqual([{ code: -1, name: 'none', total: 2, matching: 2 }]);
  });
});
