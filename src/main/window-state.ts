/** @file Where the window stood last time, fitted to the screens of today. */
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';

const WindowState = z.object({
  x: z.number().int().nullable(),
  y: z.number().int().nullable(),
  width: z.number().int().positive(),
  height: z.number().int().positive(),
  maximised: z.boolean(),
});
export type WindowState = z.infer<typeof WindowState>;

export interface Area {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export const smallestWindow = { width: 960, height: 620 } as const;
const firstState: WindowState = { x: null, y: null, width: 1440, height: 900, maximised: false };
/** So much of the window must lie on a screen that it can be seen and dragged. */
const visibleMargin = 80;

/** The stored state; the first-run one where there is none or it cannot be read. */
export function readWindowState(file: string): WindowState {
  try {
    return WindowState.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch {
    return firstState;
  }
}

export function writeWindowState(file: string, state: WindowState): void {
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(`${file}.partial`, JSON.stringify(state));
  renameSync(`${file}.partial`, file);
}

/** Shrinks to the largest screen, and centres (null position) where the old place is on no screen. */
export function fitToScreens(state: WindowState, screens: readonly Area[]): WindowState {
  const widest = Math.max(...screens.map((screen) => screen.width));
  const highest = Math.max(...screens.map((screen) => screen.height));
  const fitted = {
    ...state,
    width: Math.min(Math.max(state.width, smallestWindow.width), widest),
    height: Math.min(Math.max(state.height, smallestWindow.height), highest),
  };
  return screens.some((screen) => isVisibleOn(fitted, screen)) ? fitted : { ...fitted, x: null, y: null };
}

function isVisibleOn({ x, y, width }: WindowState, screen: Area): boolean {
  if (x === null || y === null) return false;
  const visibleWidth = Math.min(x + width, screen.x + screen.width) - Math.max(x, screen.x);
  const titleIsOnScreen = y >= screen.y && y <= screen.y + screen.height - visibleMargin;
  return visibleWidth >= visibleMargin && titleIsOnScreen;
}
