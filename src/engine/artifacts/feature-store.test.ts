import fc from 'fast-check';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CancelledError } from '../../core/base/app-error.ts';
import { widen } from '../../core/linalg/rows.ts';
import {
  FeatureStore,
  type FeatureRows,
  type FeatureStoreArguments,
  type RowRange,
} from './feature-store.ts';
import { encodeFloat16Rows } from './float16-rows.ts';

const ROWS = 23;
const COLUMNS = 5;

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'whence-features-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const base: FeatureStoreArguments = {
  model: 'abc',
  outputFunction: 'margin',
  projection: { kind: 'fold', size: COLUMNS, seed: 1 },
  dataVersion: 'd1',
  rowIds: Array.from({ length: ROWS }, (_, row) => 100 + row),
  columns: COLUMNS,
  sideColumns: ['residuals'],
  dtype: 'float32',
  rowsPerShard: 8,
};

const valueAt = (row: number, column: number): number =>
  Math.fround(Math.sin(row * 7 + column) * 10 ** ((row % 9) - 6));

function compute({ from, to }: RowRange): Promise<FeatureRows> {
  const count = to - from;
  return Promise.resolve({
    features: Float32Array.from({ length: count * COLUMNS }, (_, index) =>
      valueAt(from + Math.floor(index / COLUMNS), index % COLUMNS),
    ),
    side: { residuals: Float32Array.from({ length: count }, (_, index) => (from + index) / ROWS) },
  });
}

const allRows = (store: FeatureStore): number[] =>
  [...store.blocks()].flatMap((block) => [...widen(block).data]);

describe('FeatureStore', () => {
  it('gives back every row and side value in row order, however it was cut into shards', async () => {
    const expected = [...(await compute({ from: 0, to: ROWS })).features];
    for (const rowsPerShard of [1, 8, 23, 100]) {
      const store = FeatureStore.open(root, { ...base, rowsPerShard });
      await store.fill(compute);
      expect(allRows(store)).toEqual(expected);
      expect(store.side('residuals')[22]).toBeCloseTo(22 / 23);
    }
  });

  it('goes on at the first missing shard after a stop', async () => {
    const abort = new AbortController();
    const asked: number[] = [];
    const recording = (range: RowRange): Promise<FeatureRows> => {
      asked.push(range.from);
      return compute(range);
    };
    const first = FeatureStore.open(root, base);
    const stopped = first.fill(recording, { signal: abort.signal, onProgress: () => abort.abort() });
    await expect(stopped).rejects.toBeInstanceOf(CancelledError);
    await FeatureStore.open(root, base).fill(recording);
    expect(asked).toEqual([0, 8, 16]);
    expect(manifest(first)).toMatchObject({
      done: true,
      shards: [{ rowCount: 8 }, { rowCount: 8 }, { rowCount: 7 }],
    });
  });

  it('lets two processes fill different shards, and is done when both are', async () => {
    const one = FeatureStore.open(root, base);
    const two = FeatureStore.open(root, base);
    await one.fill(compute, { shards: [0, 2] });
    expect(manifest(one)).toMatchObject({ done: false });
    await two.fill(compute, { shards: [1] });
    expect(manifest(one)).toMatchObject({ done: true });
    expect(allRows(one)).toHaveLength(ROWS * COLUMNS);
  });

  it('finds a damaged shard and makes it again', async () => {
    const store = FeatureStore.open(root, base);
    await store.fill(compute);
    const file = join(store.path, '000001.bin');
    const bytes = readFileSync(file);
    bytes[40] = bytes[40]! ^ 1;
    writeFileSync(file, bytes);
    expect(() => allRows(store)).toThrow(/damaged/);
    expect(store.discardDamaged()).toEqual([1]);
    const asked: number[] = [];
    await store.fill((range) => {
      asked.push(range.from);
      return compute(range);
    });
    expect(asked).toEqual([8]);
    expect(allRows(store)).toHaveLength(ROWS * COLUMNS);
  });

  it('keeps stores of different arguments apart, and refuses one that says something else', async () => {
    const store = FeatureStore.open(root, base);
    await store.fill(compute);
    expect(FeatureStore.open(root, { ...base, dataVersion: 'd2' }).path).not.toBe(store.path);
    const path = join(store.path, 'manifest.json');
    writeFileSync(path, readFileSync(path, 'utf8').replace('"d1"', '"d9"'));
    expect(() => FeatureStore.open(root, base)).toThrow(/other arguments: dataVersion/);
  });

  it('leaves no partial file behind', async () => {
    const store = FeatureStore.open(root, base);
    await store.fill(compute);
    expect(readdirSync(store.path).filter((name) => name.includes('partial'))).toEqual([]);
  });

  it('keeps float16 rows to three digits, whatever their magnitude and their shard', async () => {
    const wide = FeatureStore.open(root, { ...base, dtype: 'float16' });
    const narrow = FeatureStore.open(root, { ...base, dtype: 'float16', rowsPerShard: 3 });
    await wide.fill(compute);
    await narrow.fill(compute);
    expect(allRows(wide)).toEqual(allRows(narrow));
    const exact = (await compute({ from: 0, to: ROWS })).features;
    allRows(wide).forEach((value, index) => {
      const row = Math.floor(index / COLUMNS) * COLUMNS;
      const largest = Math.max(...exact.subarray(row, row + COLUMNS).map(Math.abs));
      expect(Math.abs(value - exact[index]!)).toBeLessThanOrEqual(largest * 2 ** -11);
    });
  });
});

describe('float16 rows', () => {
  it('differ from what was stored by at most half a unit in the last place of the largest', () => {
    const row = fc.array(
      fc.float({ noNaN: true, noDefaultInfinity: true, min: Math.fround(-1e30), max: Math.fround(1e30) }),
      {
        minLength: 4,
        maxLength: 4,
      },
    );
    fc.assert(
      fc.property(row, (values) => {
        const exact = Float32Array.from(values);
        const largest = Math.max(...exact.map(Math.abs));
        if (largest < 1e-30) return;
        const decoded = widen(encodeFloat16Rows(exact, 4)).data;
        decoded.forEach((value, index) => {
          expect(Math.abs(value - exact[index]!)).toBeLessThanOrEqual(largest * 2 ** -11);
        });
      }),
    );
  });
});

function manifest(store: FeatureStore): unknown {
  return JSON.parse(readFileSync(join(store.path, 'manifest.json'), 'utf8'));
}
