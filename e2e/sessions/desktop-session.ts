/** @file The real Electron window. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { _electron, type ElectronApplication, type Page } from '@playwright/test';
import { node, root } from '../places.ts';
import { collectErrors, type Session } from './session.ts';

/**
 * A virtual screen has no graphics processor; looking for one costs seconds, and now and then hangs the first load. The window speaks English,
 * whatever the machine does.
 */
const flags = ['--disable-gpu', '--lang=en-US'];

export class DesktopSession implements Session {
  readonly consoleErrors: string[] = [];
  /** What the app's process wrote, for a failed test to show. */
  output = '';
  readonly #homePath: string;
  readonly #display: string | undefined;
  #app: ElectronApplication | null = null;
  #page: Page | null = null;

  /** `display`: where the window opens; the machine's own where not given. */
  constructor(homePath: string, display?: string) {
    this.#homePath = homePath;
    this.#display = display;
  }

  get page(): Page {
    if (this.#page === null) throw new Error('the app is not running');
    return this.#page;
  }

  get app(): ElectronApplication {
    if (this.#app === null) throw new Error('the app is not running');
    return this.#app;
  }

  async start(projectPath?: string): Promise<void> {
    this.#app = await _electron.launch({
      args: [...flags, root, ...(projectPath === undefined ? [] : [projectPath])],
      cwd: root,
      env: this.#environment(),
    });
    this.#app.process().stderr?.on('data', (part: Buffer) => (this.output += part.toString()));
    this.#page = await this.#app.firstWindow();
    collectErrors(this.#page, this.consoleErrors);
  }

  async stop(): Promise<void> {
    await this.#app?.close();
    this.#app = null;
    this.#page = null;
  }

  /** Starts a second Whence beside this one; answers its exit code. */
  async startAnother(projectPath: string): Promise<number> {
    const executable = this.app.process().spawnfile;
    const sandbox = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
    const second = spawn(executable, [...sandbox, ...flags, root, projectPath], {
      env: this.#environment(),
      stdio: 'ignore',
    });
    const [code] = (await once(second, 'exit')) as [number];
    return code;
  }

  /** Kills the engine as the system would: without a warning, without a chance to tidy up. */
  async killEngine(): Promise<void> {
    const log = await readFile(path.join(this.#homePath, 'logs/engine.log'), 'utf8');
    const started = [...log.matchAll(/engine ready, process (\d+)/g)].at(-1)?.[1];
    if (started === undefined) throw new Error('the log names no engine process');
    process.kill(Number(started), 'SIGKILL');
  }

  async answerFileDialog(answered: string): Promise<void> {
    await this.app.evaluate(({ dialog }, answer) => {
      dialog.showOpenDialog = () => Promise.resolve({ canceled: false, filePaths: [answer] });
    }, answered);
  }

  clipboardText(): Promise<string> {
    return this.app.evaluate(({ clipboard }) => clipboard.readText());
  }

  /** From here on files are only noted that would be shown in their folders. */
  async noteReveals(): Promise<void> {
    await this.app.evaluate(({ shell }) => {
      const noted: string[] = [];
      Object.assign(globalThis, { noted });
      shell.showItemInFolder = (file) => void noted.push(file);
    });
  }

  reveals(): Promise<readonly string[]> {
    return this.app.evaluate(() => (globalThis as unknown as { noted: string[] }).noted);
  }

  #environment(): Record<string, string> {
    const inherited = Object.entries(process.env).filter(
      (entry): entry is [string, string] => entry[1] !== undefined,
    );
    return {
      ...Object.fromEntries(inherited),
      ...(this.#display === undefined ? {} : { DISPLAY: this.#display }),
      WHENCE_HOME: this.#homePath,
      WHENCE_NODE: node,
    };
  }
}
