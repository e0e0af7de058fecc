/**
 * @file The window over a large project in served mode and Chromium: time to open it until every tile in view is painted, how smoothly it
 * scrolls and how long a tile in view stays blank, how long a filter, a query, an order, a decision about 10,000 images and its undo
 * take, how soon a label key shows the next image of the queue, and the memory of each process.
 */
import path from 'node:path';
import type { Page } from '@playwright/test';
import { Whence } from '../../e2e/screens/whence.ts';
import { ServedSession } from '../../e2e/sessions/served-session.ts';
import type { BenchResult } from '../bench.ts';
import { memoryOfProcesses } from './process-memory.ts';
import { watchScrolling, watchScrubbing, type Scrolling } from './watch-scrolling.ts';

const REPEATS = 5;
/** Images that are labelled at once. */
const BULK = 10_000;
/** Images that are labelled one after the other. */
const LABELLED = 20;

export interface WindowBench {
  readonly images: number;
  /** Of this machine's Whence, with the project among its recent ones. */
  readonly homePath: string;
  readonly projectPath: string;
  readonly quick: boolean;
  /** Longest that people should wait, in milliseconds. */
  readonly goals: { readonly open: number; readonly filter: number; readonly order: number };
}

export async function measureWindow(bench: WindowBench): Promise<BenchResult> {
  const { homePath, projectPath, quick } = bench;
  const session = new ServedSession(homePath);
  const whence = new Whence(session);
  try {
    await whence.start();
    const opens: number[] = [];
    for (let repeat = 0; repeat < (quick ? 2 : REPEATS); repeat++)
      opens.push(await timeOpen(whence, path.basename(projectPath, '.whence')));
    const steady = await watchScrolling(session.page, { pixelsPerSecond: 2_500, seconds: quick ? 3 : 8 });
    const jumps = await watchScrolling(session.page, { jumps: quick ? 5 : 15 });
    const scrubs = await watchScrubbing(session.page, { drags: quick ? 5 : 15 });
    const filters = await timeFilters(session.page);
    await session.page.getByRole('button', { name: 'Clear filter' }).click();
    const queries = await timeQueries(session.page);
    const orders = await timeOrders(session.page);
    const bulk = await timeBulk(whence);
    const keys = await timeLabelKeys(whence);
    const memory = await memoryOfProcesses();
    return summarise(bench, { opens, steady, jumps, scrubs, filters, queries, orders, bulk, keys, memory });
  } finally {
    await session.stop();
  }
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

/** From Enter to the frame that counts other images. */
async function timeQueries(page: Page): Promise<number[]> {
  const field = page.getByRole('combobox', { name: 'Query' });
  const times: number[] = [];
  for (const query of [
    'path contains "77"',
    '"77" and width > 0',
    'bytes > 0 and not path contains "9"',
    `id <= ${BULK}`,
  ]) {
    await field.fill(query);
    times.push(await timeUntilCounted(page, () => field.press('Enter')));
  }
  return times;
}

/** From choosing an order to the frame that shows another first image. */
async function timeOrders(page: Page): Promise<number[]> {
  const choice = page.getByRole('combobox', { name: 'Order' });
  const times: number[] = [];
  for (const field of ['label_score', 'path', 'width', 'bytes', 'import']) {
    const startedAt = performance.now();
    await choice.selectOption(field);
    // The grid is asked for tiles of the answer only after it has come.
    await page.waitForFunction(() => document.querySelector('[data-testid=grid]')?.ariaBusy !== 'true');
    times.push(performance.now() - startedAt);
  }
  return times;
}

interface BulkTimes {
  readonly selectAll: number;
  readonly label: number;
  readonly undo: number;
}

/** The images that the last query found, labelled by keyboard; then undone. */
async function timeBulk({ page }: Whence): Promise<BulkTimes> {
  const grid = page.getByRole('grid', { name: 'Images' });
  await grid.focus();
  const selectAll = await timed(async () => {
    await page.keyboard.press('Control+a');
    await page.getByText(/^[\d,]+ images selected$/).waitFor();
  });
  await page.keyboard.press('l');
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('option').first().waitFor();
  const label = await timed(async () => {
    await page.keyboard.press('Enter');
    await page.getByText(/^Labelled [\d,]+ images/).waitFor();
  });
  await grid.focus();
  const undo = await timed(async () => {
    await page.keyboard.press('Control+z');
    await page
      .getByText(/^Undid/)
      .first()
      .waitFor();
  });
  return { selectAll, label, undo };
}

/** From the key that takes a suggested label to the painted frame that shows the next image of the queue. */
async function timeLabelKeys(whence: Whence): Promise<number[]> {
  await whence.goTo('Issues');
  await whence.issues.waitForQueue();
  const times: number[] = [];
  for (let image = 0; image < LABELLED; image++) {
    const shown = whence.page.evaluate(async () => {
      const current = (): string =>
        document.querySelector('section[aria-label^="Image "]')?.getAttribute('aria-label') ?? '';
      const before = current();
      const pressedAt = await new Promise<number>((resolve) => {
        addEventListener('keydown', (event) => resolve(event.timeStamp), { once: true, capture: true });
        document.documentElement.dataset['listens'] = '';
      });
      while (current() === before) await new Promise((resolve) => requestAnimationFrame(resolve));
      // A task of its own comes after the frame was painted.
      await new Promise((resolve) => setTimeout(resolve, 0));
      delete document.documentElement.dataset['listens'];
      return performance.now() - pressedAt;
    });
    await whence.page.locator('html[data-listens]').waitFor();
    await whence.page.keyboard.press('a');
    times.push(await shown);
    await whence.page.waitForTimeout(300);
  }
  return times;
}

async function timeUntilCounted(page: Page, act: () => Promise<void>): Promise<number> {
  const shown = (): string => document.querySelector('[role=grid]')?.getAttribute('aria-rowcount') ?? '';
  const before = await page.evaluate(shown);
  return timed(async () => {
    await act();
    await page.waitForFunction(
      (old) => (document.querySelector('[role=grid]')?.getAttribute('aria-rowcount') ?? '') !== old,
      before,
    );
  });
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now();
  await work();
  return performance.now() - startedAt;
}

interface Measured {
  readonly opens: readonly number[];
  readonly steady: Scrolling;
  readonly jumps: Scrolling;
  readonly scrubs: Scrolling;
  readonly filters: readonly number[];
  readonly queries: readonly number[];
  readonly orders: readonly number[];
  readonly bulk: BulkTimes;
  readonly keys: readonly number[];
  readonly memory: Readonly<Record<string, number>>;
}

function summarise({ images, goals }: WindowBench, measured: Measured): BenchResult {
  const { opens, steady, jumps, scrubs, filters, queries, orders, bulk, keys, memory } = measured;
  const figures = {
    images,
    openMs: Math.round(median(opens)),
    openFirstMs: Math.round(opens[0]!),
    longestBlankScrollingMs: Math.round(steady.longestBlank),
    longestBlankJumpingMs: Math.round(jumps.longestBlank),
    longestBlankScrubbingMs: Math.round(scrubs.longestBlank),
    slowFrameShare: Number(steady.slowFrames.toFixed(4)),
    filterMs: Math.round(median(filters)),
    slowestFilterMs: Math.round(Math.max(...filters)),
    queryMs: Math.round(median(queries)),
    slowestQueryMs: Math.round(Math.max(...queries)),
    slowestOrderMs: Math.round(Math.max(...orders)),
    selectMs: Math.round(bulk.selectAll),
    label10000Ms: Math.round(bulk.label),
    undo10000Ms: Math.round(bulk.undo),
    labelKeyMs: Math.round(median(keys)),
    slowestLabelKeyMs: Math.round(Math.max(...keys)),
    ...memory,
  };
  return {
    figures,
    goals: {
      openMs: { atMost: goals.open },
      openFirstMs: { atMost: goals.open },
      longestBlankScrollingMs: { atMost: 300 },
      longestBlankJumpingMs: { atMost: 300 },
      longestBlankScrubbingMs: { atMost: 300 },
      slowestFilterMs: { atMost: goals.filter },
      slowestQueryMs: { atMost: goals.order },
      slowestOrderMs: { atMost: goals.order },
      label10000Ms: { atMost: 1000 },
      undo10000Ms: { atMost: 1000 },
      labelKeyMs: { atMost: 50 },
    },
    table: [['figure', 'value'], ...Object.entries(figures).map(([name, value]) => [name, String(value)])],
  };
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1]!;
}
