import { expect, it } from 'vitest';
import { Random } from '../../../core/base/random.ts';
import { makeMatrix } from '../../../core/linalg/matrix.ts';
import { FindIssuesConfig } from '../../../contract/image-issues-service.ts';
import type { ComputeTools } from '../../attributing/compute-tools.ts';
import type { Embeddings } from '../../embedding/open-embeddings.ts';
import { createOrtMatrixEngine } from '../../runtime/ort-matrix-engine.ts';
import { findInEmbedding } from './find-outliers.ts';

const CLASS = 40;
const COLUMNS = 8;

/** Two classes about two axes, 40 images each; the first image looks like no other, the last one like the other class. */
function embed(): Embeddings {
  const random = new Random(1, 'embedding');
  const data = new Float32Array(2 * CLASS * COLUMNS);
  for (let row = 0; row < 2 * CLASS; row++) {
    const axis = row === 0 ? 7 : row < CLASS || row === 2 * CLASS - 1 ? 0 : 1;
    for (let column = 0; column < COLUMNS; column++)
      data[row * COLUMNS + column] = (column === axis ? 1 : 0) + 0.05 * random.normal();
  }
  const matrix = makeMatrix(2 * CLASS, COLUMNS, data);
  return {
    samples: Array.from({ length: 2 * CLASS }, (_, row) => ({ id: row + 1, label: row < CLASS ? 1 : 2 })),
    store: { rowCount: 2 * CLASS, columns: COLUMNS, blocks: () => [matrix] },
  } as unknown as Embeddings;
}

it('finds what is far from all, and what is far from its class; pairs where cosines are asked for', async () => {
  const tools = { matrixEngine: createOrtMatrixEngine({ threads: 1 }) } as unknown as ComputeTools;
  const { signal } = new AbortController();
  const look = (config: Partial<FindIssuesConfig>) =>
    findInEmbedding(embed(), FindIssuesConfig.parse(config), tools, signal);
  const { outliers, pairs } = await look({});
  expect(outliers.issues.map(({ key, detail }) => [key, detail]).toSorted()).toEqual([
    ['1', 'Far from all other images'],
    ['80', 'Far from the others of its class'],
  ]);
  expect(outliers.issues.every(({ value }) => value! > 0.95 && value! <= 1)).toBe(true);
  expect(pairs).toEqual([]);
  const near = (await look({ embeddingSimilarity: 0.95 })).pairs;
  expect(near.length).toBeGreaterThan(CLASS);
  expect(near.some(({ first, second }) => first === 1 || second === 1)).toBe(false);
});
