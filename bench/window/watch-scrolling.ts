/** @file What a person sees while the grid moves: blank tiles and late frames. */
import type { Page } from '@playwright/test';

export type Movement =
  | { readonly pixelsPerSecond: number; readonly seconds: number }
  | { readonly jumps: number }
  /** Something else moves it meanwhile. */
  | { readonly seconds: number };

export interface Scrolling {
  /** Milliseconds that a tile in view had no picture. */
  readonly longestBlank: number;
  /** Share of frames that took longer than two at 60 a second. */
  readonly slowFrames: number;
}

const SLOW_FRAME_MS = 33.4;
const SECONDS_OF_DRAG = 1;
const REST_MS = 500;

/** Moves the grid and watches every frame. */
export async function watchScrolling(page: Page, movement: Movement): Promise<Scrolling> {
  const seen = await page.evaluate(async (how) => {
    const frames: number[] = [];
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
    const observeFrame = (before: number): void => {
      frames.push(now - before);
      observe(now);
    };
    if ('jumps' in how) {
      for (let jump = 1; jump <= how.jumps; jump++) {
        grid.scrollTop = ((jump * 0.6180339887) % 1) * grid.scrollHeight;
        for (const until = now + 700; now < until;) {
          const before = now;
          now = await frame();
          observeFrame(before);
        }
      }
      return { longest, frames };
    }
    const [startedAt, startTop] = [now, grid.scrollTop];
    while (now - startedAt < how.seconds * 1000) {
      if ('pixelsPerSecond' in how)
        grid.scrollTop = startTop + ((now - startedAt) / 1000) * how.pixelsPerSecond;
      const before = now;
      now = await frame();
      observeFrame(before);
    }
    return { longest, frames };
  }, movement);
  const slow = seen.frames.filter((milliseconds) => milliseconds > SLOW_FRAME_MS).length;
  return { longestBlank: seen.longest, slowFrames: slow / seen.frames.length };
}

/** Drags the scrubber over the whole order, with rests, and watches every frame. */
export async function watchScrubbing(page: Page, { drags }: { readonly drags: number }): Promise<Scrolling> {
  const box = await page.getByRole('slider', { name: 'Place in the order' }).boundingBox();
  if (box === null) throw new Error('no scrubber');
  const [x, yOf] = [box.x + box.width / 2, (share: number) => box.y + 4 + share * (box.height - 8)];
  const watched = watchScrolling(page, { seconds: drags * SECONDS_OF_DRAG });
  await page.mouse.move(x, yOf(0));
  await page.mouse.down();
  for (let drag = 1; drag <= drags; drag++) {
    await page.mouse.move(x, yOf((drag * 0.6180339887) % 1), { steps: 20 });
    await page.waitForTimeout(REST_MS);
  }
  await page.mouse.up();
  return watched;
}
