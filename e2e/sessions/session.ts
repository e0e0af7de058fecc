/** @file One running Whence, in its own window or in a browser tab. */
import type { ConsoleMessage, Page } from '@playwright/test';

export interface Session {
  /** The page of the present start; another one after `stop` and `start`. */
  readonly page: Page;
  /** Errors that the page wrote to its console, over all starts. */
  readonly consoleErrors: readonly string[];
  /** Starts Whence, with a project open where one is named. */
  start(projectPath?: string): Promise<void>;
  stop(): Promise<void>;
  /** What the next native dialog for a file or folder answers; a browser has none. */
  answerFileDialog(path: string): Promise<void>;
}

/** Keeps what a page complains about. */
export function collectErrors(page: Page, errors: string[]): void {
  page.on('pageerror', (error) => errors.push(error.message));
  page.on('console', (message: ConsoleMessage) => {
    if (message.type() === 'error') errors.push(`${message.text()} (${message.location().url})`);
  });
}
