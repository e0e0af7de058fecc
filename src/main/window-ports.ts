/** @file Hands a window its two conversations: with the engine, anew after each restart, and with the desktop shell. */
import { ipcMain, MessageChannelMain, type BrowserWindow, type MessagePortMain } from 'electron';
import { desktop } from '../contract/desktop-service.ts';
import { createServer } from '../contract/server.ts';
import { portRequest, type PortName } from '../contract/window-ports.ts';
import { createDesktopHandlers } from './dialogs.ts';
import { mainPortTransport } from './engine-client.ts';
import type { EngineProcess } from './engine-process.ts';
import { isOwnPage } from './lock-down.ts';

export function handOverPorts(window: BrowserWindow, engine: EngineProcess): void {
  const server = createServer({ desktop }, { desktop: createDesktopHandlers(window) });
  const handed = new Map<PortName, MessagePortMain>();

  /** Sends one end to the page and answers the other. The one from before is closed: a page has one of each. */
  const hand = (name: PortName): MessagePortMain => {
    handed.get(name)?.close();
    const { port1, port2 } = new MessageChannelMain();
    window.webContents.postMessage(name, null, [port1]);
    handed.set(name, port2);
    return port2;
  };
  /** A page that has not asked yet is not listening yet, or is about to ask: it must not get two. */
  let hasAsked = false;
  const handEngine = (): void => {
    if (engine.isReady && hasAsked) engine.attach(hand('engine-port'));
  };
  const answer = (event: Electron.IpcMainEvent): void => {
    const fromPage = event.senderFrame === window.webContents.mainFrame && isOwnPage(event.senderFrame.url);
    if (event.sender !== window.webContents || !fromPage) return;
    hasAsked = true;
    server.attach(mainPortTransport(hand('desktop-port')));
    handEngine();
  };

  ipcMain.on(portRequest, answer);
  engine.on('ready', handEngine);
  window.once('closed', () => {
    ipcMain.off(portRequest, answer);
    engine.off('ready', handEngine);
  });
}
