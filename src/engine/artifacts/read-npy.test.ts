import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { npyBytes as npy } from '../../../testing/npy-writer.ts';
import { Random } from '../../core/base/random.ts';
import { parseNpy, readNpy } from './read-npy.ts';

const folder = mkdtempSync(join(tmpdir(), 'whence-npy-'));
afterAll(() => rmSync(folder, { recursive: true }));

describe('an .npy file', () => {
  it('is read whatever the width of its floats and the version of its header', () => {
    const numbers = [1, -0.5, 2, 0.25, 3, 4];
    const expected = { shape: [3, 2], data: Float32Array.from(numbers) };
    expect(parseNpy(npy('<f4', '3, 2', Float32Array.from(numbers)))).toMatchObject(expected);
    expect(parseNpy(npy('<f8', '3, 2', Float64Array.from(numbers), 'False', 2))).toMatchObject(expected);
    const halves = Uint16Array.of(0x3c00, 0xb800);
    expect(parseNpy(npy('<f2', '2,', halves))).toMatchObject({ shape: [2], data: Float32Array.of(1, -0.5) });
  });

  it.each([
    [npy('<i8', '2,', Float64Array.of(1, 2)), /of type <i8/],
    [npy('<f4', '2, 2', Float32Array.of(1, 2, 3, 4), 'True'), /column by column/],
    [npy('<f4', '3,', Float32Array.of(1, 2)), /8 bytes long where 12/],
    [new TextEncoder().encode('PK\x03\x04 a zip file, as savez writes it'), /no \.npy file/],
  ])('is refused with the reason (%#)', (bytes, reason) => {
    expect(parseNpy(Uint8Array.from(bytes))).toMatch(reason);
  });

  it('is named where it is refused', () => {
    const path = join(folder, 'text.npy');
    writeFileSync(path, 'text');
    expect(() => readNpy(path)).toThrow(/text\.npy cannot be read: it is no \.npy file/);
    expect(() => readNpy(join(folder, 'none.npy'))).toThrow(/none\.npy/);
  });

  it('is read or refused in words, however it is damaged', () => {
    const random = new Random(1, 'damage');
    const whole = npy('<f4', '3, 2', new Float32Array(6));
    for (let turn = 0; turn < 2000; turn++) {
      const bytes = whole.slice(0, random.integer(whole.length + 1));
      if (bytes.length > 0) bytes[random.integer(bytes.length)] = random.integer(256);
      const found = parseNpy(bytes);
      if (typeof found !== 'string') expect(found.data.length).toBe(6);
    }
  });
});
