/** @file What the page in the window cannot do. */
import { expect, test } from '../fixtures.ts';

test.beforeEach(async ({ whence }) => {
  await whence.start();
});

test('the window is sandboxed, isolated and without Node', async ({ desktop }) => {
  const preferences = await desktop.app.evaluate(({ BrowserWindow }) => {
    const [window] = BrowserWindow.getAllWindows();
    // Electron has this method for its own tests and leaves it out of its types.
    const read = Reflect.get(window?.webContents ?? {}, 'getLastWebPreferences') as () => object;
    return read.call(window?.webContents);
  });
  expect(preferences).toMatchObject({ sandbox: true, contextIsolation: true, nodeIntegration: false });
  const names = await desktop.page.evaluate(() => [
    typeof Reflect.get(window, 'require'),
    typeof Reflect.get(window, 'process'),
  ]);
  expect(names).toEqual(['undefined', 'undefined']);
  expect(
    await desktop.page.evaluate(() => Object.keys(Reflect.get(window, 'whenceDesktop') as object).sort()),
  ).toEqual(['pathForFile', 'platform', 'requestPort']);
});

test('the page is served with a strict policy, from its own scheme', async ({ desktop }) => {
  expect(new URL(desktop.page.url()).protocol).toBe('whence:');
  const policy = await desktop.page.evaluate(async () =>
    (await fetch('/')).headers.get('content-security-policy'),
  );
  expect(policy).toContain("default-src 'none'");
  expect(policy).toContain("script-src 'self'");
  expect(policy).not.toContain('unsafe-eval');
});

test('nothing is loaded from anywhere else', async ({ desktop }) => {
  const outcomes = await desktop.page.evaluate(async () => {
    const attempt = (work: Promise<unknown>) =>
      work.then(
        () => 'loaded',
        () => 'refused',
      );
    const load = (source: string) =>
      new Promise((resolve, reject) => {
        const image = new Image();
        image.onload = resolve;
        image.onerror = reject;
        image.src = source;
      });
    return {
      fetch: await attempt(fetch('https://example.org/')),
      image: await attempt(load('https://example.org/image.png')),
      file: await attempt(load('file:///usr/share/icons/hicolor/index.theme')),
      socket: await attempt(
        new Promise((resolve, reject) => {
          const socket = new WebSocket('ws://127.0.0.1:9');
          socket.onopen = resolve;
          socket.onerror = reject;
        }),
      ),
    };
  });
  expect(outcomes).toEqual({ fetch: 'refused', image: 'refused', file: 'refused', socket: 'refused' });
});

test('no address leads out of the built page', async ({ desktop }) => {
  const statuses = await desktop.page.evaluate(() =>
    Promise.all(
      ['/..%2f..%2fpackage.json', '/%2e%2e/%2e%2e/package.json', '/thumb/999999?size=96', '/nothing.js'].map(
        async (address) => (await fetch(address)).status,
      ),
    ),
  );
  for (const status of statuses) expect([403, 404]).toContain(status);
});

test('scripts that did not come with the app do not run', async ({ desktop }) => {
  const outcome = await desktop.page.evaluate(async () => {
    const script = document.createElement('script');
    script.textContent = 'window.injected = true';
    document.head.append(script);
    // In a task of its own: the tool that drives this test may evaluate, what runs because of it may not.
    const evaluated = await new Promise((resolve) =>
      setTimeout(() => {
        try {
          (0, eval)('1');
          resolve('ran');
        } catch {
          resolve('refused');
        }
      }),
    );
    return { injected: Reflect.get(window, 'injected') === true, evaluated };
  });
  expect(outcome).toEqual({ injected: false, evaluated: 'refused' });
});

test('the page cannot leave, open windows or ask for devices', async ({ desktop }) => {
  const before = desktop.page.url();
  const outcome = await desktop.page.evaluate(async () => ({
    opened: window.open('https://example.org/') !== null,
    notifications: await Notification.requestPermission(),
    location: await new Promise((resolve) =>
      navigator.geolocation.getCurrentPosition(
        () => resolve('given'),
        () => resolve('denied'),
      ),
    ),
  }));
  expect(outcome).toEqual({ opened: false, notifications: 'denied', location: 'denied' });
  await desktop.page.evaluate(() => window.location.assign('https://example.org/'));
  await desktop.page.waitForTimeout(500);
  expect(desktop.page.url()).toBe(before);
  expect(desktop.app.windows()).toHaveLength(1);
});

test('a second start does not open a second window', async ({ desktop, analysedProject, whence }) => {
  const another = desktop.startAnother(analysedProject);
  await expect(whence.page.getByRole('banner').getByRole('strong')).toHaveText('fashion');
  expect(await another).toBe(0);
  expect(desktop.app.windows()).toHaveLength(1);
});
