import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  broadcastAxes,
  broadcastShapes,
  canExpand,
  normalizeAxes,
  normalizeAxis,
  stridesOf,
} from './shape.ts';
import { numbersOf, tensorOf, type DType } from './tensor.ts';

const shapes = fc.array(fc.integer({ min: 1, max: 4 }), { maxLength: 4 });

describe('shapes', () => {
  it('broadcast as numpy does', () => {
    expect(broadcastShapes([2, 1, 3], [4, 1], [])).toEqual([2, 4, 3]);
    expect(broadcastShapes()).toEqual([]);
    expect(() => broadcastShapes([2, 3], [2])).toThrow('[2,3] [2] clash');
  });

  it('broadcast to the result from both sides, whatever the order', () => {
    fc.assert(
      fc.property(shapes, fc.array(fc.boolean(), { minLength: 4, maxLength: 4 }), (whole, kept) => {
        const part = whole.map((extent, axis) => (kept[axis]! ? extent : 1));
        const common = broadcastShapes(part, whole);
        expect(common).toEqual(broadcastShapes(whole, part));
        expect(canExpand(part, common) && canExpand(whole, common)).toBe(true);
        const repeated = broadcastAxes(part, common);
        expect(common.map((extent, axis) => (repeated.includes(axis) ? 1 : extent))).toEqual(part);
      }),
    );
  });

  it('never shrink by expansion', () => {
    expect(canExpand([2], [1])).toBe(false);
    expect(canExpand([1, 2], [2])).toBe(false);
    expect(canExpand([2], [5, 2])).toBe(true);
  });

  it('have row-major strides and axes that count from either end', () => {
    expect(stridesOf([2, 3, 4])).toEqual([12, 4, 1]);
    expect(normalizeAxis(-1, 3)).toBe(2);
    expect(normalizeAxes([-1, 0, 2], 3)).toEqual([0, 2]);
    expect(normalizeAxes(undefined, 2)).toEqual([0, 1]);
    expect(() => normalizeAxis(3, 3)).toThrow('axis 3 of rank 3');
  });
});

describe('tensors', () => {
  const types: DType[] = ['float32', 'float64', 'float16', 'int64', 'int32', 'uint8', 'int8', 'bool'];

  it.each(types)('of %s give back the numbers they were made of', (dtype) => {
    const tensor = tensorOf(dtype, [4], [0, 1, 1, 0]);
    expect([...numbersOf(tensor)]).toEqual([0, 1, 1, 0]);
  });

  it('round as their element type does', () => {
    expect([...numbersOf(tensorOf('float16', [3], [0.1, 65504, -2]))]).toEqual([0.0999755859375, 65504, -2]);
    expect([...numbersOf(tensorOf('float32', [1], [0.1]))]).toEqual([Math.fround(0.1)]);
    expect([...numbersOf(tensorOf('bool', [2], [-3, 0]))]).toEqual([1, 0]);
  });

  it('refuse data that does not fill their shape', () => {
    expect(() => tensorOf('float32', [2, 2], [1, 2, 3])).toThrow('wants 4 elements, got 3');
  });
});
