import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, test } from 'vitest';
import { fitToScreens, readWindowState, writeWindowState, type WindowState } from './window-state.ts';

const laptop = { x: 0, y: 0, width: 1440, height: 900 };
const state = (changes: Partial<WindowState>): WindowState => ({
  x: 100,
  y: 100,
  width: 1200,
  height: 800,
  maximised: false,
  ...changes,
});

test('a place that is still on a screen is kept', () => {
  expect(fitToScreens(state({}), [laptop])).toEqual(state({}));
});

test('a place on a screen that was unplugged is given up for the centre', () => {
  expect(fitToScreens(state({ x: 2500 }), [laptop])).toMatchObject({ x: null, y: null });
  expect(fitToScreens(state({ y: 890 }), [laptop])).toMatchObject({ x: null, y: null });
});

test('a window is never larger than the largest screen, nor too small to use', () => {
  expect(fitToScreens(state({ width: 4000, height: 3000 }), [laptop])).toMatchObject({
    width: 1440,
    height: 900,
  });
  expect(fitToScreens(state({ width: 10, height: 10 }), [laptop])).toMatchObject({ width: 960, height: 620 });
});

test('what was written is read again, and a damaged file counts as none', () => {
  const file = path.join(mkdtempSync(path.join(tmpdir(), 'window-')), 'deep', 'window.json');
  const first = readWindowState(file);
  writeWindowState(file, state({ maximised: true }));
  expect(readWindowState(file)).toEqual(state({ maximised: true }));
  writeFileSync(file, '{"x":');
  expect(readWindowState(file)).toEqual(first);
});
