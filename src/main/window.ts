/** @file The one window: sandboxed, on our own scheme, remembered in place and size. */
import path from 'node:path';
import { BrowserWindow, nativeTheme, screen } from 'electron';
import { windowOrigin } from '../contract/window-ports.ts';
import { fitToScreens, readWindowState, smallestWindow, writeWindowState } from './window-state.ts';

export interface WindowOptions {
  readonly stateFile: string;
  readonly iconPath: string;
}

/** The page's own background: nothing flashes before its first paint. */
const backgrounds = { light: '#f7f6f3', dark: '#16181d' } as const;

export function openWindow(options: WindowOptions): BrowserWindow {
  const screens = screen.getAllDisplays().map((display) => display.workArea);
  const state = fitToScreens(readWindowState(options.stateFile), screens);
  const window = new BrowserWindow({
    ...(state.x === null || state.y === null ? {} : { x: state.x, y: state.y }),
    width: state.width,
    height: state.height,
    minWidth: smallestWindow.width,
    minHeight: smallestWindow.height,
    title: 'Whence',
    icon: options.iconPath,
    show: false,
    autoHideMenuBar: true,
    backgroundColor: backgrounds[nativeTheme.shouldUseDarkColors ? 'dark' : 'light'],
    webPreferences: {
      preload: path.join(import.meta.dirname, '../preload/preload.cjs'),
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      webviewTag: false,
      spellcheck: false,
    },
  });
  if (state.maximised) window.maximize();
  window.once('ready-to-show', () => window.show());
  window.on('close', () => writeWindowState(options.stateFile, describe(window)));
  void window.loadURL(`${windowOrigin}/`);
  return window;
}

function describe(window: BrowserWindow) {
  return { ...window.getNormalBounds(), maximised: window.isMaximized() };
}
