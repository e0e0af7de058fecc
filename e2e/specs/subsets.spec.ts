/** @file A budget becomes a subset: chosen, seen in the grid, measured beside random ones, exported, renamed, deleted. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { violations } from '../accessibility.ts';
import { expect, test } from '../fixtures.ts';
import { screenshotPath } from '../places.ts';
import { themes } from '../screens/whence.ts';

test('a subset is chosen, browsed, measured, exported, renamed and deleted', async ({
  whence,
  session,
  analysedProject,
  workspace,
  host,
}) => {
  test.setTimeout(240_000);
  await whence.start(analysedProject);
  await whence.goTo('Subsets');
  await expect(whence.page.getByRole('heading', { name: 'No subset yet' })).toBeVisible();
  await expect(whence.subsets.estimate()).toContainText('of memory');
  await whence.subsets.choose({ strategy: 'Diversity', share: 25, name: 'quarter' });
  const card = whence.subsets.card('quarter');
  await expect(card).toBeVisible({ timeout: 60_000 });
  await expect(card).toContainText('54 of 215 training images (25.1%), by diversity');
  await expect(card.getByRole('list', { name: 'Kept of each class' }).getByRole('listitem')).toHaveCount(10);
  await expect(card).toContainText('Not measured');

  await whence.subsets.openInBrowse('quarter');
  await expect(whence.browse.count()).toHaveText('54 of 240 images');
  await whence.goTo('Subsets');

  await whence.subsets.measure('quarter');
  await expect(card).toContainText(/Accuracy 0\.\d{3} ± 0\.\d{3}, random 0\.\d{3} ± 0\.\d{3}, 3 seeds each/, {
    timeout: 120_000,
  });
  for (const theme of themes) {
    await whence.choose(theme);
    await whence.page.screenshot({ path: path.join(screenshotPath, `${host}-Subset-${theme}.png`) });
    expect.soft(await violations(whence.page), theme).toEqual([]);
  }
  const file = path.join(workspace, 'quarter.csv');
  await whence.subsets.exportTo('quarter', file);
  expect((await readFile(file, 'utf8')).trim().split(/\r?\n/)).toHaveLength(55);
  await whence.subsets.rename('quarter', 'a quarter');
  await whence.subsets.remove('a quarter');
  await expect(whence.page.getByRole('heading', { name: 'No subset yet' })).toBeVisible();
  expect(session.consoleErrors).toEqual([]);
});
