/** @file Tags and imported columns: given by keyboard, filtered by, taken back. */
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { violations } from '../accessibility.ts';
import { expect, test } from '../fixtures.ts';
import { screenshotPath } from '../places.ts';

test('a curator tags images, sees only those, and takes the tag back', async ({
  whence,
  analysedProject,
  session,
  host,
}) => {
  await mkdir(screenshotPath, { recursive: true });
  await whence.start(analysedProject);
  await whence.goTo('Browse');
  await whence.browse.tag([0, 1], 'night');
  await expect(whence.browse.tagged()).toHaveCount(2);
  await expect(whence.browse.details()).toContainText('night');

  await whence.settle();
  await whence.page.screenshot({ path: path.join(screenshotPath, `${host}-Tagged.png`) });
  expect(await violations(whence.page)).toEqual([]);

  await whence.browse.renameTag('night', 'dusk');
  await expect(whence.browse.details()).toContainText('dusk');
  await whence.undo();

  await whence.browse.showOnly('night');
  await expect(whence.browse.count()).toHaveText(/^2 of /);
  await whence.browse.filter().getByRole('button', { name: 'Clear filter' }).click();
  await whence.undo();
  await expect(whence.browse.tagged()).toHaveCount(0);
  await expect(whence.browse.filter().getByLabel('night')).toHaveCount(0);
  await whence.goTo('History');
  await expect(whence.page.getByText('Tagged 2 images night').first()).toBeVisible();
  expect(session.consoleErrors).toEqual([]);
});
