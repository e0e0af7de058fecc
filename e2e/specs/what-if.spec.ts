/** @file 'What if this were not there?': a synset is distilled, asked about a group, and shown as pictures. */
import path from 'node:path';
import { violations } from '../accessibility.ts';
import { expect, test } from '../fixtures.ts';
import { screenshotPath } from '../places.ts';
import { themes } from '../screens/whence.ts';

test('a synset says what would change without a group', async ({
  whence,
  session,
  analysedProject,
  host,
}) => {
  test.setTimeout(240_000);
  await whence.start(analysedProject);
  await whence.goTo('Groups');
  await whence.groups.defineByClass();
  const name = (await whence.groups.cards().first().getAttribute('aria-label'))!.replace(/^Group /, '');
  await whence.whatIf.openOfGroup(name);
  await whence.whatIf.distil();
  await whence.whatIf.ask();
  const dialog = whence.whatIf.dialog();
  await expect(dialog).toContainText(/Accuracy [\d.]+% instead of [\d.]+%/);
  await expect(dialog).toContainText('Nobody has measured yet');
  await expect(await whence.whatIf.showSynset()).toHaveCount(40);
  for (const theme of themes) {
    await whence.whatIf.close();
    await whence.choose(theme);
    await whence.whatIf.openOfGroup(name);
    await whence.page.screenshot({ path: path.join(screenshotPath, `${host}-WhatIf-${theme}.png`) });
    await (await whence.whatIf.showSynset()).last().scrollIntoViewIfNeeded();
    await whence.page.screenshot({ path: path.join(screenshotPath, `${host}-Synset-${theme}.png`) });
    expect.soft(await violations(whence.page), theme).toEqual([]);
  }
  await whence.whatIf.close();
  expect(session.consoleErrors).toEqual([]);
});
