import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readVectorFile, writeVectorFile } from './vector-file.ts';

const Header = z.object({ step: z.number() });
const vectors = [Float32Array.of(1, -2, Math.fround(0.1)), new Float32Array(0), Float32Array.of(NaN)];

let home: string;
let path: string;
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'whence-vectors-'));
  path = join(home, 'a.f32');
  writeVectorFile(path, { step: 3 }, vectors);
});
afterEach(() => rmSync(home, { recursive: true, force: true }));

describe('a file of vectors', () => {
  it('gives back its header and its vectors in equal bits', () => {
    expect(readVectorFile(path, Header)).toEqual({ header: { step: 3 }, vectors });
  });

  it('holds a part of a larger buffer alone', () => {
    writeVectorFile(path, { step: 1 }, [Float32Array.of(1, 2, 3, 4).subarray(1, 3)]);
    expect(readVectorFile(path, Header)!.vectors).toEqual([Float32Array.of(2, 3)]);
  });

  it('is replaced whole, and leaves nothing beside it', () => {
    writeVectorFile(path, { step: 4 }, vectors.slice(0, 1));
    expect(readVectorFile(path, Header)).toEqual({ header: { step: 4 }, vectors: vectors.slice(0, 1) });
    expect(readdirSync(home)).toEqual(['a.f32']);
  });

  it('that is not there is none', () => {
    expect(readVectorFile(join(home, 'b.f32'), Header)).toBeNull();
  });

  it.each([
    ['is cut short', (bytes: Buffer) => bytes.subarray(0, -1)],
    ['is longer than it was', (bytes: Buffer) => Buffer.concat([bytes, Buffer.of(0)])],
    ['is empty', () => Buffer.alloc(0)],
    ['has a changed number', (bytes: Buffer) => Buffer.concat([bytes.subarray(0, -1), Buffer.of(7)])],
    ['has no header', () => Buffer.from('nothing of the kind')],
  ])('that %s counts as none, and goes unless it is to be kept', (_, damage) => {
    writeFileSync(path, damage(readFileSync(path)));
    expect(readVectorFile(path, Header, 'keep')).toBeNull();
    expect(existsSync(path)).toBe(true);
    expect(readVectorFile(path, Header)).toBeNull();
    expect(existsSync(path)).toBe(false);
  });

  it('of another kind counts as none', () => {
    expect(readVectorFile(path, z.object({ seconds: z.number() }), 'keep')).toBeNull();
  });
});
