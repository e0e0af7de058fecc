import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readFloats, scaleOf, toBrightness } from './float-pixels.ts';

const floats = (...values: number[]) => Float32Array.from(values);

describe('scaleOf', () => {
  it('takes the narrowest of 0…1, −1…1 and 0…255 that all numbers lie in', () => {
    expect(scaleOf([floats(0, 0.5), floats(1)])).toEqual({ black: 0, white: 1 });
    expect(scaleOf([floats(-1, 0.2)])).toEqual({ black: -1, white: 1 });
    expect(scaleOf([floats(0, 1), floats(254)])).toEqual({ black: 0, white: 255 });
    expect(scaleOf([floats(1.0000001, -0.0000001)])).toEqual({ black: 0, white: 1 });
  });

  it('refuses what is no brightness, and says why', () => {
    expect(scaleOf([floats(-2.1, 2.6)])).toMatch(/from -2.10 to 2.60/);
    expect(scaleOf([floats(Number.NaN)])).toMatch(/infinite/);
  });
});

describe('toBrightness', () => {
  it('gives back the bytes that were divided by 255, in any width of floats', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ minLength: 1 }),
        fc.constantFrom('<f4' as const, '<f8' as const),
        (bytes, type) => {
          const values = Array.from(bytes, (byte) => byte / 255);
          const array = type === '<f4' ? Float32Array.from(values) : Float64Array.from(values);
          const read = readFloats(new Uint8Array(array.buffer), type);
          expect(toBrightness(read, { black: 0, white: 1 })).toEqual(bytes);
        },
      ),
    );
  });

  it('reads half floats, and keeps what lies beyond the scale within it', () => {
    // 0, 0.5, 1 and 2 as binary16.
    const halves = new Uint8Array(Uint16Array.of(0x0000, 0x3800, 0x3c00, 0x4000).buffer);
    expect(toBrightness(readFloats(halves, '<f2'), { black: 0, white: 1 })).toEqual(
      Uint8Array.of(0, 128, 255, 255),
    );
    expect(() => toBrightness(floats(Number.NaN), { black: 0, white: 1 })).toThrow('some of its numbers');
  });
});
