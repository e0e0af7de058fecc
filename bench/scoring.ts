/**
 * @file Scoring from disk: 500 queries against 50,000 training images at 4,096 features, kept as float16 rows. How fast the features stream by,
 * beside plainly reading the same files in the same run, and what memory that and the ridge take at most over the process
 * with the features on disk. With few queries the
 * disk and the checks decide, with many the products.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fitPrimal, type PreparedQueries } from '../src/core/attribution/preconditioner.ts';
import { scoreQueries } from '../src/core/attribution/score-queries.ts';
import { TopInfluences } from '../src/core/attribution/top-influences.ts';
import { Random } from '../src/core/base/random.ts';
import { gramOf } from '../src/core/linalg/gram.ts';
import { makeMatrix, type Matrix } from '../src/core/linalg/matrix.ts';
import { FeatureStore } from '../src/engine/artifacts/feature-store.ts';
import { createOrtMatrixEngine } from '../src/engine/runtime/ort-matrix-engine.ts';
import type { Bench } from './bench.ts';
import { median } from './paired.ts';

const full = { images: 50_000, features: 4096, queries: [20, 500], rounds: 5 };
const quick = { images: 5000, features: 1024, queries: [20, 500], rounds: 3 };
const TOP_COUNT = 100;
const DAMPING = 1;
const GIGABYTE = 1e9;
const goals = { peakGibibytes: { atMost: 1 } };

export const run: Bench = async (options) => {
  const sizes = options.quick ? quick : full;
  const folder = mkdtempSync(path.join(tmpdir(), 'whence-scoring-'));
  const engine = createOrtMatrixEngine();
  try {
    const store = await fillStore(folder, sizes, options.seed);
    const before = process.memoryUsage().rss;
    let peak = before;
    const gram = await gramOf([firstRows(store, sizes.features)], engine, 'float32');
    const ridge = await fitPrimal(gram, DAMPING, engine);
    const rows: string[][] = [
      ['queries', 'GB/s of features', 'GB/s plainly read', 'ratio', 'GFLOP/s', 'peak MiB'],
    ];
    const figures: Record<string, number> = {};
    for (const count of sizes.queries) {
      const prepared = await ridge.prepare(randomRows(count, sizes.features, options.seed));
      const scored: number[] = [];
      const plain: number[] = [];
      for (let round = 0; round <= sizes.rounds; round++) {
        const seconds = readPlainly(store);
        const pass = await scoreOnce(store, prepared, count);
        peak = Math.max(peak, pass.largestRss);
        // The first round fills the disk cache and checks the bytes of every shard.
        if (round === 0) continue;
        plain.push(seconds);
        scored.push(pass.seconds);
      }
      const rate = store.byteCount / GIGABYTE / median(scored);
      const plainRate = store.byteCount / GIGABYTE / median(plain);
      const flops = (2 * count * sizes.images * sizes.features) / GIGABYTE / median(scored);
      figures[`gigabytesPerSecond${count}`] = rate;
      figures[`shareOfPlainRead${count}`] = rate / plainRate;
      rows.push([
        String(count),
        ...[rate, plainRate, rate / plainRate].map((value) => value.toFixed(3)),
        flops.toFixed(1),
        ((peak - before) / 2 ** 20).toFixed(0),
      ]);
    }
    figures['peakGibibytes'] = (peak - before) / 2 ** 30;
    return { figures, goals, table: rows };
  } finally {
    await engine.dispose();
    rmSync(folder, { recursive: true });
  }
};

/** Random numbers: what is computed does not depend on the content. */
async function fillStore(
  folder: string,
  { images, features: columns }: typeof full,
  seed: number,
): Promise<FeatureStore> {
  const store = FeatureStore.open(folder, {
    ...{ model: 'bench', outputFunction: 'margin', projection: { kind: 'fold', size: columns, seed } },
    ...{ dataVersion: 'bench', columns, sideColumns: [], dtype: 'float16' },
    rowIds: Array.from({ length: images }, (_, row) => row),
  });
  await store.fill(({ from, to }) =>
    Promise.resolve({ features: randomRows(to - from, columns, seed + from).data as Float32Array, side: {} }),
  );
  return store;
}

function randomRows(rows: number, columns: number, seed: number): Matrix {
  const random = new Random(seed, 'bench/features');
  return makeMatrix(
    rows,
    columns,
    new Float32Array(rows * columns).map(() => random.uniform() - 0.5),
  );
}

function firstRows(store: FeatureStore, count: number): Matrix {
  return store.rowsAt(Array.from({ length: Math.min(count, store.rowCount) }, (_, row) => row));
}

async function scoreOnce(
  store: FeatureStore,
  prepared: PreparedQueries,
  count: number,
): Promise<{ seconds: number; largestRss: number }> {
  const ids = Array.from({ length: count }, (_, query) => -1 - query);
  const top = new TopInfluences(
    ids,
    Int32Array.from({ length: store.rowCount }, (_, row) => row),
    TOP_COUNT,
  );
  let peak = 0;
  const start = performance.now();
  for await (const block of scoreQueries([{ queries: prepared, train: store.blocks() }], null)) {
    top.add(block);
    peak = Math.max(peak, process.memoryUsage().rss);
  }
  return { seconds: (performance.now() - start) / 1000, largestRss: peak };
}

/** Seconds to read the store's files and do nothing with them. */
function readPlainly(store: FeatureStore): number {
  const start = performance.now();
  for (const name of readdirSync(store.path))
    if (name.endsWith('.bin')) readFileSync(path.join(store.path, name));
  return (performance.now() - start) / 1000;
}
