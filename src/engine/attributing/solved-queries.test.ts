import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeMatrix } from '../../core/linalg/matrix.ts';
import { SolvedQueries } from './solved-queries.ts';

let cachePath: string;
beforeEach(() => {
  cachePath = mkdtempSync(join(tmpdir(), 'whence-solved-'));
});
afterEach(() => {
  rmSync(cachePath, { recursive: true, force: true });
});

describe('solved queries', () => {
  it.each([
    { memoryBytes: 1000, files: 0 },
    { memoryBytes: 30, files: 1 },
    { memoryBytes: 0, files: 1 },
  ])(
    'come back as they were with room for $memoryBytes bytes, and leave no file',
    ({ memoryBytes, files }) => {
      const solved = new SolvedQueries(cachePath, memoryBytes);
      const matrices = [1, 2, 3].map((rows) =>
        makeMatrix(
          rows,
          2,
          Float32Array.from({ length: rows * 2 }, (_, index) => rows * 10 + index / 3),
        ),
      );
      for (const [index, matrix] of matrices.entries()) solved.keep(`member ${index}`, matrix);
      expect(readdirSync(cachePath)).toHaveLength(files);
      for (const index of [2, 0, 1]) expect(solved.take(`member ${index}`)).toEqual(matrices[index]);
      solved.close();
      expect(readdirSync(cachePath)).toEqual([]);
    },
  );
});
