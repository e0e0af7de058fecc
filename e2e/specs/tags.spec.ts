/** @file Tags: given by keyboard, filtered by, taken back; and a map of the images, on which the same selection is made by drawing. */
import path from 'node:path';
import { violations } from '../accessibility.ts';
import { expect, test } from '../fixtures.ts';
import { screenshotPath } from '../places.ts';
import { themes } from '../screens/whence.ts';

test('a curator tags images, sees only those, and takes the tag back', async ({
  whence,
  analysedProject,
  session,
  host,
}) => {
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
  await whence.browse.exclude([0, 3]);
  await expect(whence.browse.excluded()).toHaveCount(2);
  await whence.browse.ask('excluded');
  await expect(whence.browse.count()).toHaveText(/^2 of /);
  await whence.browse.ask('');
  for (const theme of themes) {
    await whence.choose(theme);
    await whence.settle();
    await whence.page.screenshot({ path: path.join(screenshotPath, `${host}-Excluded-${theme}.png`) });
    expect(await violations(whence.page)).toEqual([]);
  }
  await whence.browse.showAsList();
  await expect(whence.browse.tiles().first()).toContainText('Excluded');
  await whence.settle();
  await whence.page.screenshot({ path: path.join(screenshotPath, `${host}-Excluded-list.png`) });
  await whence.undo();
  await expect(whence.browse.tiles().first()).not.toContainText('Excluded');
  await whence.browse.tiles().first().press('?');
  await expect(whence.page.getByRole('dialog')).toContainText('Two images compared');
  await whence.page.screenshot({ path: path.join(screenshotPath, `${host}-Help.png`) });
  await whence.page.keyboard.press('Escape');
  await whence.command('Write a query');
  await expect(whence.browse.query()).toBeFocused();
  await whence.goTo('History');
  await whence.history.takeSnapshot('after the night');
  await whence.undo();
  await whence.history.compareSince('after the night');
  await expect(whence.history.difference()).toContainText('2 images differ');
  await expect(whence.page.getByText('Tagged 2 images night').first()).toBeVisible();
  await whence.settle();
  await whence.page.screenshot({ path: path.join(screenshotPath, `${host}-History.png`) });
  expect(await violations(whence.page)).toEqual([]);
  await whence.goTo('Browse');
  await expect(whence.browse.tagged()).toHaveCount(0);
  await expect(whence.browse.filter().getByLabel('night')).toHaveCount(0);
  expect(session.consoleErrors).toEqual([]);
});

test('a curator draws around points of a map, finds the images in Browse, and makes a group of them', async ({
  whence,
  analysedProject,
  session,
  host,
}) => {
  await whence.start(analysedProject);
  await whence.goTo('Map');
  expect(await violations(whence.page)).toEqual([]);
  await whence.map.makeFirst();
  await expect(whence.map.legend().getByRole('button')).not.toHaveCount(0);
  await expect.poll(() => whence.map.contrast()).toBeGreaterThan(3);
  await whence.map.lassoLeftHalf();
  await expect(whence.map.selected()).toHaveText(/^\d+ images selected$/);
  const selected = (await whence.map.selected().textContent()) ?? '';
  await whence.map.surface().focus();
  await whence.imageMenu.openByKey();
  await expect(whence.imageMenu.all()).toHaveAttribute('aria-label', selected.replace(' selected', ''));
  await whence.page.keyboard.press('Escape');
  for (const theme of themes) {
    await whence.choose(theme);
    await whence.map.hoverSomePoint();
    await whence.settle();
    await whence.page.screenshot({ path: path.join(screenshotPath, `${host}-Map-${theme}.png`) });
    expect(await violations(whence.page)).toEqual([]);
  }

  await whence.map.rename('as the pixels see it');
  await whence.browse.ask('split = test');
  await expect(whence.browse.count()).toHaveText(/^\d+ of /);
  await whence.browse.ask('');
  await whence.goTo('Browse');
  await expect(whence.map.selected()).toHaveText(selected);
  await whence.browse.tiles().nth(0).click();
  await whence.goTo('Map');
  await expect(whence.map.selected()).toHaveText('1 image selected');
  // By keyboard: what is in view, which is everything but the kind that is taken out.
  await whence.map.legend().getByRole('button').first().click();
  await whence.map.surface().press('v');
  const rest = (await whence.map.selected().textContent()) ?? '';
  expect(Number.parseInt(rest)).toBeGreaterThan(Number.parseInt(selected) / 4);
  await whence.map.groupSelection('what is left');
  await whence.goTo('Groups');
  await expect(whence.groups.cards().filter({ hasText: 'what is left' })).toHaveCount(1);
  await whence.goTo('Map');
  await whence.map.removeOnly('as the pixels see it');
  expect(session.consoleErrors).toEqual([]);
});
