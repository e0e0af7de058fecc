/** @file What every test is given: a temporary home, a way to start Whence in the host under test, and the screens as verbs. */
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test as base } from '@playwright/test';
import { hasDisplay, preparedProject } from './places.ts';
import { DesktopSession } from './sessions/desktop-session.ts';
import { ServedSession } from './sessions/served-session.ts';
import { startVirtualScreen } from './sessions/virtual-screen.ts';
import type { Session } from './sessions/session.ts';
import { Whence } from './screens/whence.ts';

export interface HostOptions {
  /** Where the page runs: in the Electron window or in a browser tab. */
  readonly host: 'desktop' | 'served';
}

interface WorkerFixtures {
  /** Where windows open: the machine's own display, or one of this worker's. */
  readonly display: string | undefined;
}

interface Fixtures {
  /** A folder of this test's own, gone afterwards. */
  readonly workspace: string;
  readonly desktop: DesktopSession;
  readonly served: ServedSession;
  /** The host under test, not started yet. */
  readonly session: Session;
  /** The screens of `session`. */
  readonly whence: Whence;
  /** A copy of the project whose analysis is done. */
  readonly analysedProject: string;
}

export const test = base.extend<Fixtures & HostOptions, WorkerFixtures>({
  host: ['desktop', { option: true }],
  display: [
    // eslint-disable-next-line no-empty-pattern -- Playwright reads which fixtures are wanted from this pattern
    async ({}, use) => {
      if (hasDisplay) return use(undefined);
      const screen = await startVirtualScreen();
      await use(screen.display);
      screen.stop();
    },
    { scope: 'worker' },
  ],
  // eslint-disable-next-line no-empty-pattern -- Playwright reads which fixtures are wanted from this pattern
  workspace: async ({}, use) => {
    const folder = await mkdtemp(path.join(tmpdir(), 'whence-e2e-'));
    await use(folder);
    await rm(folder, { recursive: true, force: true, maxRetries: 3 });
  },
  desktop: async ({ workspace, display }, use, testInfo) => {
    const session = new DesktopSession(path.join(workspace, 'home'), display);
    await use(session);
    if (testInfo.status !== testInfo.expectedStatus)
      await testInfo.attach('app output', { body: session.output, contentType: 'text/plain' });
    await session.stop();
  },
  served: async ({ workspace }, use) => {
    const session = new ServedSession(path.join(workspace, 'home'));
    await use(session);
    await session.stop();
  },
  session: async ({ host, desktop, served }, use) => {
    await use(host === 'desktop' ? desktop : served);
  },
  whence: async ({ session }, use) => {
    await use(new Whence(session));
  },
  analysedProject: async ({ workspace }, use) => {
    const project = path.join(workspace, 'fashion.whence');
    await cp(preparedProject, project, { recursive: true });
    await use(project);
  },
});

export { expect } from '@playwright/test';
