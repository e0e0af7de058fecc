/** @file Served mode: who may come in, that two tabs see the same project, and that a tab left alone is quiet. */
import { cp, readdir, writeFile } from 'node:fs/promises';
import http from 'node:http';
import path from 'node:path';
import type { Page } from '@playwright/test';
import { expect, test } from '../fixtures.ts';
import { preparedSource } from '../places.ts';
import { screenNames, Whence } from '../screens/whence.ts';
import type { ServedSession } from '../sessions/served-session.ts';

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

test('a tab that is left alone asks nothing more, and keeps nothing of what has left the view', async ({
  served,
  whence,
  workspace,
}) => {
  const source = path.join(workspace, 'birds');
  await cp(preparedSource, source, { recursive: true });
  const names = await readdir(source, { recursive: true });
  const images = names.filter((name) => name.endsWith('.png')).slice(0, 100);
  const rows = images.map((name, index) => `${name},owl,${1900 + index}`);
  const table = path.join(source, 'birds.csv');
  await writeFile(table, `path,label,year\n${rows.join('\n')}\n`);
  await whence.start();
  await whence.home.chooseSource(table);
  await whence.importing.importInto(path.join(workspace, 'birds.whence'));
  await expect(whence.importing.outcome()).toContainText('100 images');
  await whence.goTo('Browse');
  await whence.settle();
  const before = await nodeCount(served.page);
  await whence.browse.jumpAbout(30);
  expect(await nodeCount(served.page)).toBeLessThan(2 * before);

  for (const screen of screenNames) {
    await whence.goTo(screen);
    if (screen === 'Browse') await expect(whence.browse.histogram('year')).toBeVisible();
    // A slow machine takes longer to have asked all; a screen that asks without end has no such moment.
    await expect.poll(() => questionsInAMoment(served), { message: screen, timeout: 15_000 }).toBe(0);
  }
  expect(served.questionCount).toBeGreaterThan(0);
});

async function questionsInAMoment(served: ServedSession): Promise<number> {
  const before = served.questionCount;
  await served.page.waitForTimeout(500);
  return served.questionCount - before;
}

/** How many nodes the page keeps, in the document or not. */
async function nodeCount(page: Page): Promise<number> {
  const session = await page.context().newCDPSession(page);
  await session.send('Performance.enable');
  await session.send('HeapProfiler.collectGarbage');
  const { metrics } = await session.send('Performance.getMetrics');
  return metrics.find(({ name }) => name === 'Nodes')?.value ?? NaN;
}

const nothing = (): Promise<void> => Promise.resolve();
