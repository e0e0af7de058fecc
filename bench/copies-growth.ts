/** @file How the time of a whole search for copies grows with the training images, part by part: on two sets of generated images, the second twice the first. */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { Random } from '../src/core/base/random.ts';
import { FindCopiesConfig } from '../src/contract/cases-service.ts';
import { findCopiesRun } from '../src/engine/cases/copies/find-copies-run.ts';
import { addQueryFiles } from '../src/engine/generating/query-files.ts';
import { mapConcurrently } from '../src/engine/images/map-concurrently.ts';
import { readPixels } from '../src/engine/images/sample-pixels.ts';
import { importSource } from '../src/engine/importing/import-source.ts';
import { createOrtExecutor } from '../src/engine/runtime/ort-executor.ts';
import { createOrtMatrixEngine } from '../src/engine/runtime/ort-matrix-engine.ts';
import { createProjectFolder, type ProjectFolder } from '../src/engine/storage/project-folder.ts';
import { insertRun } from '../src/engine/storage/runs.ts';
import type { Bench } from './bench.ts';

const SIDE = 64;
const QUERIES = 10;
const FIRST = 10_000;

/** Seconds by what the run says that it does. */
type Parts = ReadonlyMap<string, number>;

export const run: Bench = async ({ quick, seed }) => {
  const count = quick ? FIRST / 10 : FIRST;
  const [first, second] = [await partsOf(count, seed), await partsOf(2 * count, seed)];
  const total = (parts: Parts): number => [...parts.values()].reduce((sum, seconds) => sum + seconds, 0);
  const [before, after] = [total(first), total(second)];
  const row = (name: string, a: number, b: number): string[] => [name, a.toFixed(1), b.toFixed(1)];
  return {
    figures: { images: count, seconds: before, secondsOfTwiceAsMany: after, growth: after / before },
    goals: { growth: { atMost: 2.2 } },
    table: [
      ['seconds', `${count} images`, `${2 * count} images`],
      ...Array.from(second, ([name, seconds]) => row(name, first.get(name) ?? 0, seconds)),
      row('in all', before, after),
    ],
  };
};

async function partsOf(count: number, seed: number): Promise<Parts> {
  const home = mkdtempSync(join(tmpdir(), 'whence-copies-growth-'));
  const folder = createProjectFolder(join(home, 'copies.whence'));
  try {
    await drawSet(join(home, 'set', 'train'), count, seed);
    await importSet(folder, home);
    return await search(folder, seed);
  } finally {
    folder.close();
    rmSync(home, { recursive: true, force: true });
  }
}

/** Six by six random colours, drawn smoothly: images with contrast, none like another. */
async function drawSet(to: string, count: number, seed: number): Promise<void> {
  mkdirSync(to, { recursive: true });
  const random = new Random(seed, 'generated images');
  const colours = Array.from({ length: count }, () =>
    Uint8Array.from({ length: 6 * 6 * 3 }, () => random.integer(256)),
  );
  await mapConcurrently(colours, availableParallelism() + 1, async (some, place) => {
    const image = sharp(some, { raw: { width: 6, height: 6, channels: 3 } }).resize(SIDE, SIDE);
    await image.png().toFile(join(to, `${place}.png`));
  });
}

/** The queries are some of its images, mirrored. */
async function importSet(folder: ProjectFolder, home: string): Promise<void> {
  const sourcePath = join(home, 'set');
  const runId = insertRun(folder.connection, { kind: 'import', config: { sourcePath } }, {});
  const context = { runId, signal: new AbortController().signal, progress: () => undefined };
  await importSource(folder, { sourcePath }, context);
  for (let place = 0; place < QUERIES; place++) {
    const path = join(home, `query-${place}.png`);
    await sharp(join(sourcePath, 'train', `${place}.png`))
      .flop()
      .toFile(path);
    await addQueryFiles(folder, [path]);
  }
}

async function search(folder: ProjectFolder, seed: number): Promise<Parts> {
  const config = FindCopiesConfig.parse({ seed });
  const runId = insertRun(folder.connection, { kind: 'find-copies', config }, {});
  const matrixEngine = createOrtMatrixEngine();
  const parts = new Map<string, number>();
  let beforeMs = performance.now();
  // A part says how far it is when a piece of it is done.
  const progress = (stage: string): void => {
    const nowMs = performance.now();
    parts.set(stage, (parts.get(stage) ?? 0) + (nowMs - beforeMs) / 1000);
    beforeMs = nowMs;
  };
  await findCopiesRun(
    folder,
    config,
    { runId, signal: new AbortController().signal, progress },
    {
      executor: createOrtExecutor(),
      matrixEngine,
      readPixels: (ids, shape) => readPixels(folder, ids, shape),
    },
  );
  progress('Laying images over each other');
  await matrixEngine.dispose();
  return parts;
}
