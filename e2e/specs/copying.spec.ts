/** @file What the menu of an image hands to the system: the clipboard, the file manager. */
import { expect, test } from '../fixtures.ts';

test('paths and numbers of images are copied, and one is shown in its folder', async ({
  whence,
  analysedProject,
  desktop,
}) => {
  await whence.start(analysedProject);
  await whence.goTo('Browse');
  const { browse, imageMenu } = whence;
  await imageMenu.openOn(browse.tiles().first());
  await imageMenu.choose('Copy path');
  await expect(whence.page.getByText('Copied the path')).toBeVisible();
  const copied = await desktop.clipboardText();
  expect(copied).toMatch(/\.png$/);
  await desktop.noteReveals();
  await imageMenu.openOn(browse.tiles().first());
  await imageMenu.choose('Show in folder');
  await expect.poll(() => desktop.reveals()).toEqual([copied]);
  await browse.select([0, 1, 2]);
  await imageMenu.openByKey();
  await imageMenu.choose('Copy numbers');
  await expect.poll(() => desktop.clipboardText()).toMatch(/^\d+, \d+, \d+$/);
  expect(desktop.consoleErrors).toEqual([]);
});
