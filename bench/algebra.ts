/**
 * @file The algebra over stored features against NumPy with OpenBLAS: the Gram matrix, its Cholesky factor, and one pass of scores,
 * streamed from 16-bit rows on disk; beside them a plain copy of the same bytes.
 */
import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Random } from '../src/core/base/random.ts';
import { factorise } from '../src/core/linalg/cholesky.ts';
import { gramOf, reblock } from '../src/core/linalg/gram.ts';
import { makeMatrix, zeros64 } from '../src/core/linalg/matrix.ts';
import { FeatureStore } from '../src/engine/artifacts/feature-store.ts';
import { createOrtMatrixEngine, type OrtMatrixEngine } from '../src/engine/runtime/ort-matrix-engine.ts';
import type { Bench } from './bench.ts';
import { median } from './paired.ts';
import { missingPackages, Peer } from './peer.ts';

const QUERIES = 256;

interface Task {
  readonly name: string;
  readonly ours: () => Promise<unknown>;
  readonly command: string;
}

export const run: Bench = async ({ quick, seed }) => {
  const missing = missingPackages(['numpy']);
  if (missing !== null) throw new Error(`bench: ${missing}`);
  const [rows, columns] = quick ? [8192, 2048] : [50_000, 4096];
  const folder = mkdtempSync(path.join(tmpdir(), 'whence-algebra-'));
  const peer = new Peer(path.join(import.meta.dirname, 'numpy/algebra.py'));
  const engine = createOrtMatrixEngine();
  try {
    const file = path.join(folder, 'rows.f16');
    const store = await fillStore(folder, file, rows, columns, seed);
    const tasks = tasksOn(store, engine, { file, rows, columns });
    const ratios = await race(tasks, peer, quick ? 3 : 5);
    return report(ratios);
  } finally {
    peer.close();
    await engine.dispose();
    rmSync(folder, { recursive: true, force: true });
  }
};

/** The same rows twice: in a feature store, and as one plain file for NumPy. */
async function fillStore(
  root: string,
  file: string,
  rows: number,
  columns: number,
  seed: number,
): Promise<FeatureStore> {
  const random = new Random(seed, 'features');
  const period = Float32Array.from({ length: 1_000_003 }, () => random.normal());
  const plain = openSync(file, 'w');
  const store = FeatureStore.open(root, {
    model: 'bench',
    outputFunction: 'margin',
    projection: { kind: 'fold', size: columns, seed },
    dataVersion: String(seed),
    rowIds: Int32Array.from({ length: rows }, (_, row) => row),
    columns,
    sideColumns: [],
    dtype: 'float16',
  });
  await store.fill(({ from, to }) => {
    // A long period that shares no factor with the columns: rows differ, and drawing 200 million numbers is spared.
    const features = new Float32Array((to - from) * columns);
    for (let index = 0; index < features.length; index++)
      features[index] = period[(from * columns + index) % period.length]!;
    writeSync(plain, new Uint8Array(new Float16Array(features).buffer));
    return Promise.resolve({ features, side: {} });
  });
  closeSync(plain);
  return store;
}

function tasksOn(
  store: FeatureStore,
  engine: OrtMatrixEngine,
  { file, rows, columns }: { file: string; rows: number; columns: number },
): readonly Task[] {
  const definite = wellConditioned(columns);
  const random = new Random(1, 'queries');
  const queries = makeMatrix(
    QUERIES,
    columns,
    Float32Array.from({ length: QUERIES * columns }, () => random.normal()),
  );
  const size = `${file} ${rows} ${columns}`;
  return [
    { name: 'gram', ours: () => gramOf(store.blocks(), engine, 'float32'), command: `gram ${size}` },
    { name: 'gram64', ours: () => gramOf(store.blocks(), engine, 'float64'), command: `gram64 ${size}` },
    { name: 'cholesky', ours: () => factorise(definite, 0, engine), command: `cholesky ${columns}` },
    {
      name: 'score',
      ours: async () => {
        for await (const block of reblock(store.blocks()))
          await engine.multiply(queries, block, { transposeB: true });
      },
      command: `score ${size} ${QUERIES}`,
    },
    {
      name: 'copy',
      ours: () => {
        for (const _ of store.blocks());
        return Promise.resolve();
      },
      command: `copy ${size}`,
    },
  ];
}

/** 64·I plus a matrix of rank one. */
function wellConditioned(order: number) {
  const matrix = zeros64(order, order);
  for (let row = 0; row < order; row++) {
    for (let column = 0; column <= row; column++) matrix.data[row * order + column] = 1 / (1 + row + column);
    matrix.data[row * order + row]! += 64;
  }
  return matrix;
}

interface Race {
  readonly name: string;
  readonly ourSeconds: number;
  readonly peerSeconds: number;
  /** Median of the rounds' peer ÷ ours. */
  readonly speedup: number;
}

/** Alternating, so that a busy spell hits both sides; the first round warms up. */
async function race(tasks: readonly Task[], peer: Peer, rounds: number): Promise<Race[]> {
  const results: Race[] = [];
  for (const { name, ours, command } of tasks) {
    const pairs: { ours: number; theirs: number }[] = [];
    for (let round = 0; round <= rounds; round++) {
      const start = performance.now();
      await ours();
      const seconds = (performance.now() - start) / 1000;
      const theirs = await peer.seconds(command);
      if (round > 0) pairs.push({ ours: seconds, theirs });
    }
    results.push({
      name,
      ourSeconds: median(pairs.map((pair) => pair.ours)),
      peerSeconds: median(pairs.map((pair) => pair.theirs)),
      speedup: median(pairs.map((pair) => pair.theirs / pair.ours)),
    });
  }
  return results;
}

function report(races: readonly Race[]) {
  const figures = Object.fromEntries(
    races.flatMap(({ name, ourSeconds, speedup }) => [
      [`${name}.seconds`, ourSeconds],
      [`${name}.numpyOverOurs`, speedup],
    ]),
  );
  return {
    figures,
    goals: {
      'gram.seconds': { atMost: 8 },
      'cholesky.seconds': { atMost: 1 },
      'score.seconds': { atMost: 0.6 },
      'gram.numpyOverOurs': 1,
      'score.numpyOverOurs': 1,
    },
    table: [
      ['task', 'ours s', 'NumPy s', 'NumPy ÷ ours'],
      ...races.map((race) => [
        race.name,
        race.ourSeconds.toFixed(2),
        race.peerSeconds.toFixed(2),
        race.speedup.toFixed(2),
      ]),
    ],
  };
}
