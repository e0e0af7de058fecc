/**
 * @file Maps of many images: seconds that laying embeddings out takes at some sizes, step by step, and frames while a map of 100,000 points is moved, in served
 * mode and Chromium. The embeddings are drawn from clusters; the points of the map that is moved are more than the project has images, which moving does not ask for.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Page } from '@playwright/test';
import { Whence } from '../e2e/screens/whence.ts';
import { ServedSession } from '../e2e/sessions/served-session.ts';
import { runCommandLine } from '../src/cli/main.ts';
import { MapConfig } from '../src/contract/maps-service.ts';
import type { RunId } from '../src/contract/vocabulary.ts';
import { Random } from '../src/core/base/random.ts';
import { makeMatrix, rowBlock, type Matrix32 } from '../src/core/linalg/matrix.ts';
import { layOut } from '../src/engine/mapping/lay-out.ts';
import { writeMapFile } from '../src/engine/mapping/map-file.ts';
import { createOrtMatrixEngine } from '../src/engine/runtime/ort-matrix-engine.ts';
import { insertMap } from '../src/engine/storage/maps.ts';
import { openProjectFolder } from '../src/engine/storage/project-folder.ts';
import { writeShapeFolder } from '../testing/write-shape-folder.ts';
import type { BenchOptions, BenchResult } from './bench.ts';

const COLUMNS = 512;
const CLUSTERS = 20;
const BLOCK_ROWS = 8192;
const POINTS = 100_000;

export async function run({ quick, seed }: BenchOptions): Promise<BenchResult> {
  const sizes = quick ? [1_000, 4_000] : [1_000, 10_000, 100_000];
  const figures: Record<string, number> = {};
  for (const size of sizes) {
    const steps = await timeLayout(size, seed);
    for (const [step, seconds] of Object.entries(steps)) figures[`${step}Seconds${size}`] = round(seconds);
  }
  Object.assign(figures, await moveMap(quick ? 2 : 8, seed));
  return {
    figures,
    goals: { medianFrameMs: { atMost: 17 } },
    table: [['figure', 'value'], ...Object.entries(figures).map(([name, value]) => [name, String(value)])],
  };
}

/** Seconds of each step by what the run says of itself, and of all of them. */
async function timeLayout(size: number, seed: number): Promise<Record<string, number>> {
  const rows = drawRows(size, seed);
  const engine = createOrtMatrixEngine();
  const startedAt = performance.now();
  const begun = new Map<string, number>();
  const store = {
    rowCount: size,
    *blocks() {
      for (let from = 0; from < size; from += BLOCK_ROWS)
        yield rowBlock(rows, from, Math.min(BLOCK_ROWS, size - from));
    },
  };
  await layOut(store, MapConfig.parse({ seed }), engine, {
    signal: new AbortController().signal,
    progress: (stage) => {
      const step = stage.startsWith('Laying')
        ? 'layout'
        : stage.startsWith('Finding n')
          ? 'neighbours'
          : 'pca';
      if (!begun.has(step)) begun.set(step, performance.now());
    },
  });
  await engine.dispose();
  const endedAt = performance.now();
  const [neighboursAt, layoutAt] = [begun.get('neighbours')!, begun.get('layout')!];
  return {
    components: (neighboursAt - startedAt) / 1000,
    neighbours: (layoutAt - neighboursAt) / 1000,
    layout: (endedAt - layoutAt) / 1000,
    whole: (endedAt - startedAt) / 1000,
  };
}

/** Clusters in a space of the size that networks have. */
function drawRows(size: number, seed: number): Matrix32 {
  const random = new Random(seed, 'bench/map');
  const centres = Float32Array.from({ length: CLUSTERS * COLUMNS }, () => random.normal());
  const data = new Float32Array(size * COLUMNS);
  for (let row = 0; row < size; row++) {
    const cluster = row % CLUSTERS;
    for (let column = 0; column < COLUMNS; column++)
      data[row * COLUMNS + column] = centres[cluster * COLUMNS + column]! + 2 * (random.uniform() - 0.5);
  }
  return makeMatrix(size, COLUMNS, data);
}

async function moveMap(seconds: number, seed: number): Promise<Record<string, number>> {
  const home = await mkdtemp(path.join(tmpdir(), 'whence-map-bench-'));
  process.env['WHENCE_HOME'] = path.join(home, 'home');
  const session = new ServedSession(path.join(home, 'home'));
  try {
    const projectPath = await prepareProject(home, seed);
    const whence = new Whence(session);
    await whence.start(projectPath);
    await whence.goTo('Map');
    await whence.map.surface().waitFor();
    await whence.settle();
    const frames = await framesWhileMoving(session.page, seconds);
    const lassoMs = await timeLasso(whence);
    const isWebGl = (await session.page.locator('canvas[data-painter=webgl]').count()) > 0;
    const sorted = frames.toSorted((a, b) => a - b);
    return {
      points: POINTS,
      drawnByWebGl: isWebGl ? 1 : 0,
      medianFrameMs: round(sorted[sorted.length >> 1]!),
      slowFrameMs: round(sorted[Math.floor(0.95 * sorted.length)]!),
      lassoMs: round(lassoMs),
    };
  } finally {
    await session.stop();
    await rm(home, { recursive: true, force: true });
  }
}

async function prepareProject(home: string, seed: number): Promise<string> {
  const source = path.join(home, 'shapes');
  await writeShapeFolder(source, { count: 60, classCount: 3, size: 16, seed: 1, flippedShare: 0 });
  const projectPath = path.join(home, 'shapes.whence');
  const streams = { out: process.stderr, err: process.stderr };
  const code = await runCommandLine(['import', source, '--project', projectPath], streams);
  if (code !== 0) throw new Error('the import failed');
  const folder = openProjectFolder(projectPath);
  const random = new Random(seed, 'bench/points');
  const positions = Float32Array.from(
    { length: 2 * POINTS },
    (_, index) => 6 * ((index >> 1) % 5) * ((index % 2) - 0.5) + random.normal(),
  );
  const runId = 1 as RunId;
  const sampleIds = Int32Array.from({ length: POINTS }, (_, index) => index + 1);
  insertMap(folder.connection, {
    runId,
    name: 'many points',
    method: 'umap',
    source: 'clusters',
    imageCount: POINTS,
    shownVariance: null,
    choices: MapConfig.parse({}),
    artifact: writeMapFile(folder.path, runId, { sampleIds, positions }),
  });
  folder.close();
  return projectPath;
}

/** Milliseconds between frames while the wheel turns, so that every frame shows another view. */
async function framesWhileMoving(page: Page, seconds: number): Promise<number[]> {
  return page.evaluate(async (duration) => {
    const map = document.querySelector<HTMLElement>('[role=application]');
    if (map === null) throw new Error('no map');
    const box = map.getBoundingClientRect();
    const at = { clientX: box.left + box.width / 3, clientY: box.top + box.height / 2 };
    const frame = (): Promise<number> => new Promise((resolve) => requestAnimationFrame(resolve));
    const found: number[] = [];
    const startedAt = await frame();
    for (let before = startedAt, now = startedAt; now - startedAt < duration * 1000; before = now) {
      const deltaY = 12 * Math.sign(Math.sin((now - startedAt) / 400));
      map.dispatchEvent(new WheelEvent('wheel', { ...at, deltaY, bubbles: true, cancelable: true }));
      now = await frame();
      found.push(now - before);
    }
    return found;
  }, seconds);
}

/** From the end of the drawing to the number of what is selected. */
async function timeLasso(whence: Whence): Promise<number> {
  await whence.map.surface().press('0');
  const startedAt = performance.now();
  await whence.map.lassoLeftHalf();
  await whence.map
    .selected()
    .filter({ hasText: /images selected/ })
    .waitFor();
  return performance.now() - startedAt;
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
