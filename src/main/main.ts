/** @file Entry of the desktop shell: one window, one engine, no data of its own. */
import { app, dialog, session, type BrowserWindow } from 'electron';
import { registerWindowScheme, serveWindow } from './asset-protocol.ts';
import { chooseFolder } from './dialogs.ts';
import { EngineClient } from './engine-client.ts';
import { EngineProcess } from './engine-process.ts';
import { lockDown } from './lock-down.ts';
import { LogFile } from './log-file.ts';
import { installMenu } from './menu.ts';
import {
  engineEntry,
  homePath,
  iconPath,
  logFolder,
  rendererPath,
  resourcesPath,
  windowStateFile,
} from './places.ts';
import { projectArgument } from './project-argument.ts';
import { handOverPorts } from './window-ports.ts';
import { openWindow } from './window.ts';

class DesktopShell {
  readonly #engine = new EngineProcess({
    entry: engineEntry,
    args: [`--home=${homePath}`, `--resources=${resourcesPath}`],
  });
  readonly #client = new EngineClient(this.#engine);
  #window: BrowserWindow | null = null;
  #engineIsGone = false;

  start(): void {
    const log = new LogFile(logFolder);
    this.#engine.on('log', (text) => {
      log.write(text);
      if (!app.isPackaged) process.stderr.write(text);
    });
    this.#engine.on('failed', (reason) => void this.#offerRestart(reason, log.path));
    this.#engine.start();
    lockDown(session.defaultSession);
    serveWindow(session.defaultSession, rendererPath, this.#client);
    installMenu({
      openProject: () => void this.#chooseProject(),
      logPath: log.path,
      isPackaged: app.isPackaged,
    });
    this.showWindow();
  }

  showWindow(): void {
    if (this.#window !== null) {
      if (this.#window.isMinimized()) this.#window.restore();
      this.#window.focus();
      return;
    }
    const window = openWindow({ stateFile: windowStateFile, iconPath });
    this.#window = window;
    handOverPorts(window, this.#engine);
    window.once('closed', () => (this.#window = null));
  }

  async openProject(path: string): Promise<void> {
    try {
      const { projects } = await this.#client.whenReady();
      await projects.open({ path });
    } catch (error) {
      dialog.showErrorBox('The project could not be opened', (error as Error).message);
    }
  }

  /** Quitting waits for the engine to finish what it is writing. */
  leave(event: { preventDefault(): void }): void {
    if (this.#engineIsGone) return;
    event.preventDefault();
    void this.#engine.stop().then(() => {
      this.#engineIsGone = true;
      app.quit();
    });
  }

  async #chooseProject(): Promise<void> {
    if (this.#window === null) this.showWindow();
    const path = this.#window === null ? null : await chooseFolder(this.#window, 'Open a Whence project');
    if (path !== null) await this.openProject(path);
  }

  async #offerRestart(reason: string, logPath: string): Promise<void> {
    const answer = await dialog.showMessageBox({
      type: 'error',
      message: 'The engine keeps stopping',
      detail: `It stopped several times within a minute (${reason}). No decision is lost. What it said stands in ${logPath}.`,
      buttons: ['Start it again', 'Quit'],
      cancelId: 1,
    });
    if (answer.response === 0) this.#engine.restart();
    else app.quit();
  }
}

function run(): void {
  app.setPath('userData', `${homePath}/window`);
  if (!app.requestSingleInstanceLock()) {
    app.quit();
    return;
  }
  registerWindowScheme();
  const shell = new DesktopShell();
  const asked = projectArgument(process.argv, process.cwd());
  const open = (path: string): void => void app.whenReady().then(() => shell.openProject(path));

  app.on('second-instance', (_event, words, workingDirectory) => {
    shell.showWindow();
    const path = projectArgument(words, workingDirectory);
    if (path !== null) open(path);
  });
  app.on('open-file', (event, path) => {
    event.preventDefault();
    open(path);
  });
  app.on('window-all-closed', () => {
    if (process.platform !== 'darwin') app.quit();
  });
  app.on('activate', () => shell.showWindow());
  app.on('before-quit', (event) => shell.leave(event));
  // Not awaited at the top level: Electron holds `ready` back until this module has evaluated.
  void app.whenReady().then(() => {
    shell.start();
    if (asked !== null) open(asked);
  });
}

run();
