/** @file Served mode: who may come in, and that two tabs see the same project. */
import http from 'node:http';
import { expect, test } from '../fixtures.ts';
import { Whence } from '../screens/whence.ts';

/** The status of a bare request, with headers that no browser would send. */
function statusOf(address: string, headers: Record<string, string> = {}): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const request = http.get(address, { headers }, (response) => {
      response.resume();
      resolve(response.statusCode);
    });
    request.on('upgrade', (response) => resolve(response.statusCode));
    request.on('error', reject);
  });
}

test('only the printed address lets one in', async ({ served, whence, analysedProject }) => {
  await whence.start(analysedProject);
  const { origin, host } = new URL(served.address);
  expect(await statusOf(`${origin}/`)).toBe(401);
  expect(await statusOf(`${origin}/thumb/1?size=96`)).toBe(401);
  expect(await statusOf(`${origin}/?token=wrong`)).toBe(403);
  expect(await statusOf(served.address, { host: 'whence.example.org' })).toBe(403);
  const [cookie] = await served.page.context().cookies();
  const upgrade = {
    connection: 'Upgrade',
    upgrade: 'websocket',
    'sec-websocket-version': '13',
    'sec-websocket-key': Buffer.from('sixteen bytes ok').toString('base64'),
    cookie: `${cookie?.name ?? ''}=${cookie?.value ?? ''}`,
  };
  expect(await statusOf(`http://${host}/ws`, { ...upgrade, origin: 'http://evil.example.org' })).toBe(403);
  expect(await statusOf(`http://${host}/ws`, { ...upgrade, cookie: '', origin })).toBe(403);
  expect(await statusOf(`http://${host}/ws`, { ...upgrade, origin })).toBe(101);
  expect(cookie).toMatchObject({ httpOnly: true, sameSite: 'Lax' });
});

test('two tabs see each other’s decisions', async ({ served, whence, analysedProject }) => {
  await whence.start(analysedProject);
  const otherPage = await served.openTab();
  const other = new Whence({
    page: otherPage,
    consoleErrors: [],
    start: nothing,
    stop: nothing,
    answerFileDialog: nothing,
  });
  await whence.goTo('Issues');
  await other.goTo('Issues');
  await expect(other.issues.decided()).toContainText('0 of');
  await whence.issues.decideBy('a');
  await expect(other.issues.decided()).toContainText('1 of');
  await other.undo();
  await expect(whence.issues.decided()).toContainText('0 of');
  expect(served.consoleErrors).toEqual([]);
});

const nothing = (): Promise<void> => Promise.resolve();
