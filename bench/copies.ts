/**
 * @file How many copies of training images are found by `whence case check copies`, by what was done to them, and how many images that have no copy are said to have one; on
 * the shipped samples. And how long the search over windows takes among 100,000 pictures.
 */
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import sharp, { type Sharp } from 'sharp';
import { Random } from '../src/core/base/random.ts';
import { FindCopiesConfig, type QueryCopies } from '../src/contract/cases-service.ts';
import type { QueryId, SampleId } from '../src/contract/vocabulary.ts';
import { findCandidates } from '../src/engine/cases/copies/find-candidates.ts';
import { findCopiesRun } from '../src/engine/cases/copies/find-copies-run.ts';
import { onGrid } from '../src/engine/cases/copies/training-pictures.ts';
import { addQueryFiles } from '../src/engine/generating/query-files.ts';
import { importSource } from '../src/engine/importing/import-source.ts';
import { readPixels } from '../src/engine/images/sample-pixels.ts';
import { createOrtExecutor } from '../src/engine/runtime/ort-executor.ts';
import { createOrtMatrixEngine } from '../src/engine/runtime/ort-matrix-engine.ts';
import { readCopySearch } from '../src/engine/storage/cases.ts';
import { createProjectFolder, type ProjectFolder } from '../src/engine/storage/project-folder.ts';
import { insertRun } from '../src/engine/storage/runs.ts';
import type { Bench } from './bench.ts';

const sample = resolve(import.meta.dirname, '../resources/sample');
/** Every so many images is held out, so that the others hold no copy of it that was planted. */
const HELD_OUT_EVERY = 20;
const LARGE = 100_000;

type Cut = (image: Sharp, side: { width: number; height: number }, random: Random) => Sharp;

const crop =
  (part: number): Cut =>
  (image, { width, height }, random) => {
    const [wide, high] = [Math.round(part * width), Math.round(part * height)];
    const left = random.integer(width - wide + 1);
    return image.extract({ left, top: random.integer(height - high + 1), width: wide, height: high });
  };

/** What is done to a training image. */
const changes: Readonly<Record<string, { readonly extension: string; readonly change: Cut }>> = {
  'saved again': { extension: 'png', change: (image) => image.png({ compressionLevel: 1 }) },
  'JPEG, quality 50': { extension: 'jpg', change: (image) => image.jpeg({ quality: 50 }) },
  'half the size': { extension: 'png', change: (image, { width }) => image.resize(Math.round(width / 2)) },
  'darker, less contrast': { extension: 'png', change: (image) => image.linear(0.7, 10) },
  mirrored: { extension: 'png', change: (image) => image.flop() },
  'cropped to 80 %': { extension: 'png', change: crop(0.8) },
  'cropped to 60 %': { extension: 'png', change: crop(0.6) },
  'mirrored, cropped to 60 %': { extension: 'png', change: (...given) => crop(0.6)(...given).flop() },
  'a border of 15 %': {
    extension: 'png',
    change: (image, { width, height }) => {
      const [across, down] = [Math.round(0.15 * width), Math.round(0.15 * height)];
      const sides = { left: across, right: across, top: down, bottom: down };
      return image.extend({ ...sides, background: '#888888' });
    },
  },
};

export const run: Bench = async ({ quick, seed }) => {
  const home = mkdtempSync(join(tmpdir(), 'whence-copies-bench-'));
  const folder = createProjectFolder(join(home, 'copies.whence'));
  try {
    const { train, heldOut } = splitSample(join(home, 'set'), quick ? 5 : 1);
    const context = { signal: new AbortController().signal, progress: () => undefined };
    const importId = insertRun(folder.connection, { kind: 'import', config: { sourcePath: home } }, {});
    await importSource(folder, { sourcePath: join(home, 'set') }, { ...context, runId: importId });
    const asked = await plant(folder, join(home, 'queries'), train, heldOut, { count: quick ? 6 : 20, seed });
    const config = FindCopiesConfig.parse({ seed });
    const runId = insertRun(folder.connection, { kind: 'find-copies', config }, {});
    const matrixEngine = createOrtMatrixEngine();
    const startedMs = performance.now();
    await findCopiesRun(
      folder,
      config,
      { ...context, runId },
      {
        executor: createOrtExecutor(),
        matrixEngine,
        readPixels: (ids, shape) => readPixels(folder, ids, shape),
      },
    );
    const seconds = (performance.now() - startedMs) / 1000;
    const { queries, imageCount } = readCopySearch(folder.connection, runId);
    const rows = countFound(asked, queries);
    const planted = rows.filter(({ name }) => name in changes);
    const ratio = (names: (name: string) => boolean): number => {
      const some = planted.filter(({ name }) => names(name));
      return some.reduce((sum, row) => sum + row.found, 0) / some.reduce((sum, row) => sum + row.asked, 0);
    };
    const figures: Record<string, number> = {
      images: imageCount,
      queries: queries.length,
      seconds,
      recall: ratio(() => true),
      recallOfFlipsAndCrops: ratio((name) => /mirrored|cropped/.test(name)),
      windowSecondsPer100k: await searchLarge(quick ? LARGE / 10 : LARGE, seed),
    };
    for (const row of rows)
      if (row.name.startsWith('held out')) figures[`nearCopies of ${row.name}`] = row.any / row.asked;
    await matrixEngine.dispose();
    return {
      figures,
      goals: { recall: 0.9, recallOfFlipsAndCrops: 0.9 },
      table: [
        ['what was done', 'asked', 'found', 'with any near-copy', 'near-copies of others'],
        ...rows.map((row) => [row.name, row.asked, row.found, row.any, row.others].map(String)),
        ['seconds in all', seconds.toFixed(0), '', '', ''],
        [`windows, seconds among ${LARGE}`, figures['windowSecondsPer100k']!.toFixed(1), '', '', ''],
      ],
    };
  } finally {
    folder.close();
    rmSync(home, { recursive: true, force: true });
  }
};

interface Row {
  readonly name: string;
  readonly asked: number;
  readonly found: number;
  /** Near-copies that are not what was planted. */
  readonly others: number;
  /** Queries with a near-copy of any kind. */
  readonly any: number;
}

function countFound(
  asked: ReadonlyMap<string, readonly { queryId: QueryId; origin: SampleId | null }[]>,
  queries: readonly QueryCopies[],
): Row[] {
  const found = new Map(queries.map(({ queryId, matches }) => [queryId, matches]));
  return Array.from(asked, ([name, images]) => {
    const near = images.map(({ queryId, origin }) => {
      const same = (found.get(queryId) ?? []).filter(({ step }) => step !== 'alike');
      const others = same.filter(({ sampleId }) => sampleId !== origin).length;
      return { hit: others < same.length, others };
    });
    return {
      ...{ name, asked: images.length, found: near.filter(({ hit }) => hit).length },
      others: near.reduce((sum, { others }) => sum + others, 0),
      any: near.filter(({ hit, others }) => hit || others > 0).length,
    };
  });
}

/** Every `step`th image of the samples; answers paths of both splits, relative to `to`. */
function splitSample(to: string, step: number): { train: string[]; heldOut: string[] } {
  const files = readdirSync(sample, { recursive: true })
    .map(String)
    .filter((name) => name.endsWith('.png'))
    .sort();
  const [train, heldOut]: [string[], string[]] = [[], []];
  for (const [place, name] of files.entries()) {
    if (place % step !== 0) continue;
    const isHeldOut = (place / step) % HELD_OUT_EVERY === 0;
    const path = join(isHeldOut ? 'test' : 'train', dirname(name).replaceAll('/', '-'), basename(name));
    mkdirSync(dirname(join(to, path)), { recursive: true });
    cpSync(join(sample, name), join(to, path));
    (isHeldOut ? heldOut : train).push(path);
  }
  return { train, heldOut };
}

/** Adds changed copies of training images and, by their set, held-out images as queries. */
async function plant(
  folder: ProjectFolder,
  home: string,
  train: readonly string[],
  heldOut: readonly string[],
  { count, seed }: { count: number; seed: number },
): Promise<Map<string, { queryId: QueryId; origin: SampleId | null }[]>> {
  mkdirSync(home);
  const random = new Random(seed, 'planted copies');
  const setOf = (path: string): string => path.split('/')[1]!.split('-')[0]!;
  // As many of each set, so that the many drawings of clothes do not decide alone.
  const sets = [...new Set(train.map(setOf))];
  const origins = sets.flatMap((set) =>
    random.shuffle(train.filter((path) => setOf(path) === set)).slice(0, count),
  );
  const asked = new Map<string, { queryId: QueryId; origin: SampleId | null }[]>();
  const idOf = folder.connection.prepare('SELECT id FROM samples WHERE path = ?').pluck();
  const source = join(home, '..', 'set');
  const add = async (name: string, path: string, origin: string | null): Promise<void> => {
    const { added } = await addQueryFiles(folder, [path]);
    const entry = { queryId: added[0]!, origin: origin === null ? null : (idOf.get(origin) as SampleId) };
    asked.set(name, [...(asked.get(name) ?? []), entry]);
  };
  for (const [name, { extension, change }] of Object.entries(changes))
    for (const [place, origin] of origins.entries()) {
      const path = join(home, `${name.replaceAll(/\W/g, '-')}-${place}.${extension}`);
      const { width, height } = await sharp(join(source, origin)).metadata();
      await change(
        sharp(join(source, origin)).flatten({ background: '#ffffff' }),
        { width, height },
        random,
      ).toFile(path);
      await add(name, path, origin);
    }
  for (const set of sets)
    for (const path of random.shuffle(heldOut.filter((other) => setOf(other) === set)).slice(0, 2 * count))
      await add(`held out, ${set}`, join(source, path), null);
  return asked;
}

/** Of random pictures: what the search takes does not depend on what they show. Thirty images are asked about at once. */
async function searchLarge(count: number, seed: number): Promise<number> {
  const random = new Random(seed, 'pictures');
  const signature = (): Uint8Array => Uint8Array.from({ length: 1024 }, () => random.integer(256));
  const grids = Array.from({ length: 512 }, () => onGrid(signature()));
  const samples = Array.from({ length: count }, (_, place) => ({ id: place + 1 }));
  const matrixEngine = createOrtMatrixEngine();
  const images = Array.from({ length: 30 }, () => ({ signature: signature() }));
  const startedMs = performance.now();
  await findCandidates(images, {
    pictures: {
      samples: samples as never,
      placeOf: new Map(),
      upright: new Uint32Array(2 * count),
      mirrored: new Uint32Array(2 * count),
      picture: (place) => grids[place % grids.length]!,
    },
    likeness: { nearest: images.map(() => []) },
    ...{ count: 50, leastCoverage: 0.4, matrixEngine },
    context: { signal: new AbortController().signal, progress: () => undefined },
  });
  await matrixEngine.dispose();
  return ((performance.now() - startedMs) / 1000) * (LARGE / count);
}
