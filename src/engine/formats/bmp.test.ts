import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeBitmap } from '../../../testing/bitmap-writer.ts';
import { BitmapError, decodeBitmap } from './bmp.ts';

const LIMIT = 1_000_000;
const size = fc.record({ width: fc.integer({ min: 1, max: 19 }), height: fc.integer({ min: 1, max: 7 }) });
const byte = fc.integer({ min: 0, max: 255 });

describe('decodeBitmap', () => {
  it('gives back true-colour pixels of either depth and row order', () => {
    const content = size.chain(({ width, height }) =>
      fc.record({
        width: fc.constant(width),
        height: fc.constant(height),
        bits: fc.constantFrom(24 as const, 32 as const),
        topDown: fc.boolean(),
        values: fc.array(byte, { minLength: width * height * 3, maxLength: width * height * 3 }),
      }),
    );
    fc.assert(
      fc.property(content, (bitmap) => {
        const decoded = decodeBitmap(encodeBitmap(bitmap), LIMIT);
        expect([decoded.width, decoded.height, decoded.channels]).toEqual([bitmap.width, bitmap.height, 3]);
        expect([...decoded.pixels]).toEqual(bitmap.values);
      }),
    );
  });

  it('looks palette entries up, also where a row ends within a byte', () => {
    const content = fc.constantFrom(1 as const, 4 as const, 8 as const).chain((bits) =>
      size.chain(({ width, height }) =>
        fc.record({
          width: fc.constant(width),
          height: fc.constant(height),
          bits: fc.constant(bits),
          palette: fc.array(byte, { minLength: 3 * 2 ** bits, maxLength: 3 * 2 ** bits }),
          values: fc.array(fc.integer({ min: 0, max: 2 ** bits - 1 }), {
            minLength: width * height,
            maxLength: width * height,
          }),
        }),
      ),
    );
    fc.assert(
      fc.property(content, (bitmap) => {
        const { pixels } = decodeBitmap(encodeBitmap(bitmap), LIMIT);
        expect([...pixels]).toEqual(
          bitmap.values.flatMap((index) => bitmap.palette.slice(index * 3, index * 3 + 3)),
        );
      }),
    );
  });

  it('expands run lengths, literals, jumps and line ends', () => {
    // 4×2, 8 bits, RLE8; palette: black, white. Bottom row first: 3 white, end of line; then literals 1 0 1, end.
    const plain = encodeBitmap({
      width: 4,
      height: 2,
      bits: 8,
      values: [],
      palette: [0, 0, 0, 255, 255, 255],
    });
    const codes = [3, 1, 0, 0, 0, 3, 1, 0, 1, 0, 0, 1];
    const file = Buffer.concat([plain.subarray(0, 62), Buffer.from(codes)]);
    file.writeUInt32LE(1, 30);
    const { pixels } = decodeBitmap(file, LIMIT);
    const greys = Array.from({ length: 8 }, (_, pixel) => pixels[pixel * 3]);
    expect(greys).toEqual([255, 0, 255, 0, 255, 255, 255, 0]);
  });

  it('says truncated for every file that is cut before its last pixel', () => {
    const file = encodeBitmap({ width: 5, height: 3, bits: 24, values: new Array<number>(45).fill(9) });
    // The last row's padding byte may be missing.
    fc.assert(
      fc.property(fc.integer({ min: 2, max: file.length - 2 }), (length) => {
        expect(() => decodeBitmap(file.subarray(0, length), LIMIT)).toThrow(
          expect.objectContaining({ kind: 'truncated' }) as Error,
        );
      }),
    );
  });

  it('throws nothing but its own error for damaged headers', () => {
    const file = encodeBitmap({ width: 3, height: 3, bits: 24, values: new Array<number>(27).fill(9) });
    const damage = fc.record({ at: fc.integer({ min: 2, max: 53 }), value: byte });
    fc.assert(
      fc.property(fc.array(damage, { minLength: 1, maxLength: 4 }), (changes) => {
        const damaged = Buffer.from(file);
        for (const { at, value } of changes) damaged[at] = value;
        try {
          decodeBitmap(damaged, LIMIT);
        } catch (cause) {
          expect(cause).toBeInstanceOf(BitmapError);
        }
      }),
    );
  });

  it('refuses a header that announces more pixels than allowed before it makes room for them', () => {
    const file = encodeBitmap({ width: 1, height: 1, bits: 24, values: [1, 2, 3] });
    file.writeInt32LE(60_000, 18);
    file.writeInt32LE(60_000, 22);
    expect(() => decodeBitmap(file, LIMIT)).toThrow(expect.objectContaining({ kind: 'too-large' }) as Error);
  });
});
