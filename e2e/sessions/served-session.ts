/** @file The same page in a browser tab, served by `whence serve`. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { chromium, type Browser, type Page } from '@playwright/test';
import { node, root } from '../places.ts';
import { collectErrors, type Session } from './session.ts';

const addressPattern = /http:\/\/127\.0\.0\.1:\d+\/\?token=\S+/;

export class ServedSession implements Session {
  readonly consoleErrors: string[] = [];
  /** How many messages the tabs have sent to the engine. */
  questionCount = 0;
  readonly #homePath: string;
  #server: ChildProcess | null = null;
  #browser: Browser | null = null;
  #page: Page | null = null;
  #address = '';

  constructor(homePath: string) {
    this.#homePath = homePath;
  }

  get page(): Page {
    if (this.#page === null) throw new Error('the app is not running');
    return this.#page;
  }

  answerFileDialog(): Promise<void> {
    return Promise.resolve();
  }

  /** What the server printed, token included. */
  get address(): string {
    return this.#address;
  }

  async start(projectPath?: string): Promise<void> {
    const program = path.join(root, 'src/cli/whence.ts');
    const project = projectPath === undefined ? [] : ['--project', projectPath];
    this.#server = spawn(node, [program, 'serve', '--port', '0', ...project], {
      cwd: root,
      env: { ...process.env, WHENCE_HOME: this.#homePath },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    this.#address = await printedAddress(this.#server);
    const executablePath = process.env['WHENCE_BROWSER'];
    this.#browser = await chromium.launch({
      ...(executablePath === undefined ? {} : { executablePath }),
      args: [
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
        '--no-first-run',
      ],
    });
    this.#page = await this.openTab();
  }

  /** Another tab of the same person. */
  async openTab(): Promise<Page> {
    if (this.#browser === null) throw new Error('the browser is not running');
    const context = await this.#browser.newContext({
      viewport: { width: 1440, height: 900 },
      locale: 'en-US',
    });
    const page = await context.newPage();
    collectErrors(page, this.consoleErrors);
    page.on('websocket', (socket) => socket.on('framesent', () => this.questionCount++));
    await page.goto(this.#address);
    return page;
  }

  async stop(): Promise<void> {
    await this.#browser?.close();
    if (this.#server !== null && this.#server.exitCode === null) {
      const gone = once(this.#server, 'exit');
      this.#server.kill('SIGTERM');
      await gone;
    }
    this.#server = null;
    this.#browser = null;
    this.#page = null;
  }
}

function printedAddress(server: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    let printed = '';
    server.stdout?.on('data', (part: Buffer) => {
      printed += part.toString();
      const address = addressPattern.exec(printed)?.[0];
      if (address !== undefined) resolve(address);
    });
    server.once('exit', () => reject(new Error(`the server ended without an address: ${printed}`)));
  });
}
