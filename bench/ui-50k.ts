/**
 * @file The window with 50,000 real images (Fashion-MNIST, the training set's first 50,000) in served mode and Chromium: time to open
 * the project until every tile in view is painted, longest time a tile in view stays blank while scrolling, time a filter takes to answer.
 */
import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { Page } from '@playwright/test';
import { Whence } from '../e2e/screens/whence.ts';
import { ServedSession } from '../e2e/sessions/served-session.ts';
import { runCommandLine } from '../src/cli/main.ts';
import type { BenchOptions, BenchResult } from './bench.ts';
import { fashionFolder, fashionMissing } from './data/fashion-mnist.ts';

const CACHE_PATH = path.resolve(import.meta.dirname, '../.cache/bench');
const IMAGE_SIDE = 28;
const REPEATS = 5;

export async function run({ quick }: BenchOptions): Promise<BenchResult> {
  const count = quick ? 5_000 : 50_000;
  const homePath = path.join(CACHE_PATH, `home-${count}`);
  process.env['WHENCE_HOME'] = homePath;
  const projectPath = await prepareProject(count);
  const session = new ServedSession(homePath);
  const whence = new Whence(session);
  try {
    await whence.start();
    const opens: number[] = [];
    for (let repeat = 0; repeat < REPEATS; repeat++)
      opens.push(await timeOpen(whence, path.basename(projectPath, '.whence')));
    const steady = await longestBlank(session.page, { pixelsPerSecond: 2_500, seconds: quick ? 3 : 8 });
    const jumps = await longestBlank(session.page, { jumps: quick ? 5 : 15 });
    const filters = await timeFilters(session.page);
    return summarise(count, opens, steady, jumps, filters);
  } finally {
    await session.stop();
  }
}

/** Imports once; later benches open the same project. */
async function prepareProject(count: number): Promise<string> {
  const projectPath = path.join(CACHE_PATH, `fashion-${count}.whence`);
  if (existsSync(projectPath)) return projectPath;
  const missing = fashionMissing();
  if (missing !== null) throw new Error(missing);
  const sourcePath = path.join(CACHE_PATH, `fashion-mnist-${count}`);
  await mkdir(sourcePath, { recursive: true });
  await shorten('train-images-idx3-ubyte', sourcePath, 16, IMAGE_SIDE * IMAGE_SIDE, count);
  await shorten('train-labels-idx1-ubyte', sourcePath, 8, 1, count);
  const code = await runCommandLine(['import', sourcePath, '--project', projectPath], {
    out: process.stderr,
    err: process.stderr,
  });
  if (code !== 0) throw new Error('the import failed');
  return projectPath;
}

/** An IDX file with the first `count` items of one of the data set's. */
async function shorten(
  name: string,
  folder: string,
  headBytes: number,
  itemBytes: number,
  count: number,
): Promise<void> {
  const bytes = gunzipSync(await readFile(path.join(fashionFolder, `${name}.gz`)));
  bytes.writeUInt32BE(count, 4);
  await writeFile(path.join(folder, name), bytes.subarray(0, headBytes + count * itemBytes));
}

/** From the click on the recent project to the first frame in which every tile in view of Browse is painted. */
async function timeOpen(whence: Whence, projectName: string): Promise<number> {
  await whence.goTo('Home');
  const { page } = whence;
  const region = page.getByRole('region', { name: 'Recent projects' });
  await region.getByRole('button', { name: projectName }).first().waitFor();
  const startedAt = performance.now();
  await whence.home.openRecent(projectName);
  await page.getByRole('grid', { name: 'Images' }).waitFor();
  await page.waitForFunction(allPainted);
  return performance.now() - startedAt;
}

/** Runs in the page. */
function allPainted(): boolean {
  const view = document.querySelector('[role=grid]')?.getBoundingClientRect();
  if (view === undefined) return false;
  const cells = [...document.querySelectorAll('[role=gridcell]')].filter((cell) => {
    const box = cell.getBoundingClientRect();
    return box.bottom > view.top && box.top < view.bottom;
  });
  return cells.length > 0 && cells.every((cell) => (cell.querySelector('img')?.naturalWidth ?? 0) > 0);
}

type Movement = { readonly pixelsPerSecond: number; readonly seconds: number } | { readonly jumps: number };

/** Moves the grid and answers, per tile that came into view, how long it stayed blank there; the longest, in milliseconds. */
async function longestBlank(page: Page, movement: Movement): Promise<number> {
  return page.evaluate(async (how) => {
    const grid = document.querySelector<HTMLElement>('[role=grid]');
    if (grid === null) throw new Error('no grid');
    const blankSince = new Map<string, number>();
    let longest = 0;
    const frame = (): Promise<number> => new Promise((resolve) => requestAnimationFrame(resolve));
    const observe = (now: number): void => {
      const view = grid.getBoundingClientRect();
      const blankNow = new Set<string>();
      for (const cell of grid.querySelectorAll('[role=gridcell]')) {
        const box = cell.getBoundingClientRect();
        const isVisible = box.bottom > view.top && box.top < view.bottom;
        if (isVisible && (cell.querySelector('img')?.naturalWidth ?? 0) === 0) blankNow.add(cell.id);
      }
      for (const id of blankSince.keys()) if (!blankNow.has(id)) blankSince.delete(id);
      for (const id of blankNow) {
        if (!blankSince.has(id)) blankSince.set(id, now);
        longest = Math.max(longest, now - (blankSince.get(id) ?? now));
      }
    };
    let now = await frame();
    if ('jumps' in how) {
      for (let jump = 1; jump <= how.jumps; jump++) {
        grid.scrollTop = ((jump * 0.6180339887) % 1) * grid.scrollHeight;
        for (const until = now + 700; now < until; now = await frame()) observe(now);
      }
      return longest;
    }
    const [startedAt, startTop] = [now, grid.scrollTop];
    for (; now - startedAt < how.seconds * 1000; now = await frame()) {
      grid.scrollTop = startTop + ((now - startedAt) / 1000) * how.pixelsPerSecond;
      observe(now);
    }
    return longest;
  }, movement);
}

/** From ticking a class to the frame that shows another number of images. */
async function timeFilters(page: Page): Promise<number[]> {
  const boxes = page.getByRole('complementary', { name: 'Filter' }).getByRole('checkbox');
  const times: number[] = [];
  for (let index = 0; index < REPEATS; index++) {
    const box = boxes.nth(index);
    times.push(
      await box.evaluate(async (input: HTMLInputElement) => {
        const shown = (): string =>
          document.querySelector('[role=grid]')?.getAttribute('aria-rowcount') ?? '';
        const before = shown();
        const startedAt = performance.now();
        input.click();
        while (shown() === before && performance.now() - startedAt < 5000) {
          await new Promise((resolve) => requestAnimationFrame(resolve));
        }
        return performance.now() - startedAt;
      }),
    );
  }
  return times;
}

function summarise(
  count: number,
  opens: readonly number[],
  steady: number,
  jumps: number,
  filters: readonly number[],
): BenchResult {
  const figures = {
    images: count,
    openMs: Math.round(median(opens)),
    openFirstMs: Math.round(opens[0]!),
    longestBlankScrollingMs: Math.round(steady),
    longestBlankJumpingMs: Math.round(jumps),
    filterMs: Math.round(median(filters)),
    slowestFilterMs: Math.round(Math.max(...filters)),
  };
  return {
    figures,
    goals: {
      openMs: { atMost: 2000 },
      openFirstMs: { atMost: 2000 },
      longestBlankScrollingMs: { atMost: 300 },
      longestBlankJumpingMs: { atMost: 300 },
      slowestFilterMs: { atMost: 200 },
    },
    table: [['figure', 'value'], ...Object.entries(figures).map(([name, value]) => [name, String(value)])],
  };
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1]!;
}
