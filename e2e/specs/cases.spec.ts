/** @file A copyright case from its question to a report that is checked, and found out once one byte of it is changed. */
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Page } from '@playwright/test';
import { violations } from '../accessibility.ts';
import { writeCaseProject } from '../case-project.ts';
import { expect, test } from '../fixtures.ts';
import { screenshotPath } from '../places.ts';

const partTitles = [
  'Question and materials',
  'Completeness',
  'Near-copies',
  'Estimated influence',
  'Group shares',
  'Removal test',
  'Controls',
  'Exhibits',
  'Review',
  'Report',
  'What was done',
] as const;

test('a case is opened, checked, judged blind, reported and verified', async ({
  whence,
  session,
  workspace,
  host,
}) => {
  test.setTimeout(240_000);
  const project = path.join(workspace, 'case.whence');
  await writeCaseProject(project);
  await whence.start(project);
  const { cases, reports } = whence;

  await whence.goTo('Cases');
  await expect(whence.page.getByRole('heading', { name: 'No cases yet' })).toBeVisible();
  await cases.open('The coat', 'Does this image go back to the coats of the collection?');
  await cases.addGroups(['coat', 'sandal']);
  await cases.noteRights('coat', 'Atelier Nord', 'Opted out');
  await cases.takeManifest();
  await expect(cases.part('Question and materials')).toContainText('Done');

  await cases.goTo('Completeness');
  await cases.answer('Is this the whole training set?', 'Yes', 'The archive');
  await cases.answer('Is this the model in question?', 'Yes', 'The archive');
  await cases.answer('Are the query images what the model made?', 'Not known', 'The archive');
  await expect(cases.part('Completeness')).toContainText('Done');

  await cases.goTo('Near-copies');
  await expect(cases.estimate()).toContainText('Takes');
  await cases.run('Search');
  await expect(cases.runs()).toContainText('Finished', { timeout: 60_000 });
  // A case opens blind: what was found is covered.
  await expect(cases.cover()).toBeVisible();
  await expect(cases.matches()).toHaveCount(0);

  await cases.goTo('Estimated influence');
  for (const count of [1, 2]) {
    if (count === 1) await cases.showAllChoices();
    await cases.fill({ 'Steps of time': 2, 'Projection size': 64 });
    await expect(cases.estimate()).toContainText('Takes');
    await cases.run('Estimate');
    await expect(cases.runs()).toHaveCount(count);
    await expect(cases.runs().filter({ hasText: 'Finished' })).toHaveCount(count, { timeout: 60_000 });
  }
  await cases.addBlind();
  await cases.goTo('Group shares');
  await cases.showAllChoices();
  await cases.fill({ 'Random groups': 2, 'Steps of time': 3, Steps: 3, 'Batch size': 8 });
  await expect(cases.estimate()).toContainText('Takes');
  await cases.run('Run');
  await expect(cases.runs()).toContainText('Finished', { timeout: 90_000 });
  await expect(cases.cover()).toBeVisible();

  // The model is trained again while people judge.
  await cases.goTo('Removal test');
  await cases.leaveOut('coat');
  await cases.fill({ Repeats: 1, 'Random groups': 1, 'Steps of time': 2 });
  await expect(cases.estimate()).toContainText('Takes');
  await cases.run('Measure');
  await expect(cases.runs()).toHaveCount(1);

  await cases.goTo('Review');
  await expect(cases.judging()).toContainText('Blind');
  const seen = await cases.judging().evaluate((element) => element.outerHTML);
  for (const hidden of ['coat', 'sandal', 'Rank', 'Near-copy', 'Exhibit 1'])
    expect(seen, `nothing of '${hidden}' before it is judged`).not.toContain(hidden);
  const total = Number(/of (\d+) judged/.exec(await cases.judged().innerText())?.[1]);
  expect(total).toBeGreaterThan(3);
  for (let judged = 1; judged <= total; judged++) {
    await cases.judge(judged % 2 === 0 ? 'n' : 's');
    await expect(cases.judged()).toContainText(`${judged} of ${total}`);
  }
  await cases.decide('The coat is the same image, mirrored.');
  await expect(cases.part('Review')).toContainText('Done');

  await cases.goTo('Exhibits');
  await cases.withdraw(1, 'Added by mistake');
  await expect(cases.exhibits()).toHaveCount(total - 1);
  await cases.goTo('Near-copies');
  await expect(cases.cover()).toBeHidden();
  await expect(cases.findings().first()).toContainText('Near-copy');
  await cases.goTo('Estimated influence');
  await expect(cases.proponents()).toHaveCount(2);
  await expect(cases.agreement()).toContainText('%');
  await cases.goTo('Group shares');
  await expect(cases.bars()).toContainText('Diffuse / not attributed');
  await expect(cases.controls().first()).toBeVisible();
  await cases.goTo('Removal test');
  await expect(cases.runs()).toContainText('Finished', { timeout: 60_000 });
  await expect(cases.claim()).toHaveText('Measured effect of removal');
  await expect(cases.bars()).toContainText('coat');
  await expect(cases.bars()).not.toContainText('sandal');
  await cases.goTo('Exhibits');
  await cases.useCodeNames();

  // Each host looks at one theme: colours are the same in both.
  const theme = host === 'desktop' ? 'light' : 'dark';
  await whence.choose(theme);
  const look = async (name: string, isChecked = true): Promise<void> => {
    await whence.settle();
    await whence.page.screenshot({ path: path.join(screenshotPath, `${host}-${name}-${theme}.png`) });
    if (isChecked) expect.soft(await violations(whence.page), name).toEqual([]);
  };
  for (const [place, part] of partTitles.entries()) {
    await cases.goTo(part);
    // Every other part is checked here, the rest in the other host.
    await look(`Case-${part.replaceAll(' ', '')}`, (place % 2 === 0) === (host === 'desktop'));
  }
  await expect(cases.events().filter({ hasText: 'withdrew exhibit 1: Added by mistake' })).toHaveCount(1);
  await whence.goTo('History');
  await expect(whence.page.getByRole('main')).toContainText('withdrew exhibit 1: Added by mistake');

  await whence.goTo('Cases');
  await expect(cases.entries()).toContainText('The coat');
  await cases.entries().click();
  await cases.goTo('Report');
  await cases.lookAtReport();
  await expect(reports.preview().getByRole('heading', { level: 1 })).toContainText('Report');
  const removal = reports.preview().locator('section#step-removal');
  await expect(removal).toContainText('Measured effect of removal');
  await expect(removal).toContainText('Retraining without the group (LOGO)');
  const key = path.join(workspace, 'key.json');
  await reports.keepKeyIn(key);
  const html = path.join(workspace, 'report.html');
  await reports.write('HTML', html);
  await expectCodeNames(html, key);
  await look('Report-CodeNames');
  const bundle = path.join(workspace, 'report.zip');
  await reports.write('Bundle', bundle, true);
  if (host === 'desktop') {
    const pdf = path.join(workspace, 'report.pdf');
    await reports.write('PDF', pdf);
    expect((await readFile(pdf)).subarray(0, 5).toString()).toBe('%PDF-');
  }
  await whence.goTo('Reports');
  await reports.verify(bundle);
  await expect(reports.outcome()).toContainText('Nothing has changed');
  const bytes = await readFile(bundle);
  bytes[Math.floor(bytes.length / 2)]! ^= 1;
  await writeFile(bundle, bytes);
  await reports.verify(bundle);
  await expect(reports.outcome()).toContainText('Something is not as it was');
  await expect(reports.rows().first()).toContainText('Changed');
  await look('Reports');
  expect(session.consoleErrors).toEqual([]);
  if (host === 'served') await openOffline(whence.page, html);
});

/** Names stand in the key, and code names in the report. Pictures are left out: their letters are drawn by lot. */
async function expectCodeNames(html: string, key: string): Promise<void> {
  const report = (await readFile(html, 'utf8')).replaceAll(/data:[^"]*/g, '');
  expect(report).toMatch(/\bG\d/);
  expect(report).toMatch(/\bR1\b/);
  expect(report.match(/[^\s<>]*(?:coat|sandal|atelier)[^\s<>]*/gi)).toBeNull();
  expect(JSON.parse(await readFile(key, 'utf8'))).toMatchObject({
    codes: expect.arrayContaining([{ code: 'R1', kind: 'rights-holder', names: ['Atelier Nord'] }]),
  });
}

/** As somebody reads the report who has nothing else: a file, and no network. */
async function openOffline(page: Page, html: string): Promise<void> {
  const reader = await page.context().newPage();
  await page.context().setOffline(true);
  const asked: string[] = [];
  reader.on('request', (request) => asked.push(request.url()));
  await reader.goto(pathToFileURL(html).href);
  await expect(reader.getByRole('heading', { level: 1 })).toBeVisible();
  expect(asked.filter((address) => !/^(file|data):/.test(address))).toEqual([]);
  await reader.screenshot({ path: path.join(screenshotPath, 'served-Report-light.png'), fullPage: true });
  expect(await violations(reader)).toEqual([]);
}
