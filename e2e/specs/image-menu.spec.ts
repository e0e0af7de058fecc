/** @file What can be done with an image where it stands: its menu, dragging it to a group, jumping through the order, flagging what evidence points to. */
import path from 'node:path';
import { violations } from '../accessibility.ts';
import { expect, test } from '../fixtures.ts';
import { screenshotPath } from '../places.ts';
import { themes } from '../screens/whence.ts';

test('a curator works through the menu of images, drags some to a group, and jumps by the scrubber', async ({
  whence,
  analysedProject,
  session,
  host,
}) => {
  const shoot = async (name: string): Promise<void> => {
    await whence.settle();
    await whence.page.screenshot({ path: path.join(screenshotPath, `${host}-${name}.png`) });
    expect(await violations(whence.page)).toEqual([]);
  };
  await whence.start(analysedProject);
  await whence.goTo('Browse');
  const { browse, imageMenu } = whence;

  // One image that was not selected: it is now.
  await imageMenu.openOn(browse.tiles().nth(3));
  await expect(whence.map.selected()).toHaveText('1 image selected');
  for (const theme of themes) {
    await whence.page.keyboard.press('Escape');
    await whence.choose(theme);
    await imageMenu.openOn(browse.tiles().nth(3));
    await shoot(`ImageMenu-${theme}`);
  }
  await imageMenu.choose('Exclude');
  await expect(browse.excluded()).toHaveCount(1);

  // By keyboard, of two: arrows, typing, Escape, and the focus is back in the grid.
  await browse.select([0, 1]);
  await imageMenu.openByKey();
  await expect(imageMenu.all()).toHaveAttribute('aria-label', '2 images');
  await whence.page.keyboard.press('ArrowDown');
  await imageMenu.typeTo('comp');
  await expect(imageMenu.focused()).toHaveText(/^Compare the two/);
  await whence.page.keyboard.press('Enter');
  await expect(browse.compared()).toHaveCount(2);
  await shoot('Compare');
  await whence.page.keyboard.press('Escape');
  await imageMenu.openByKey();
  await whence.page.keyboard.press('Escape');
  await expect(imageMenu.all()).toHaveCount(0);
  await expect(whence.page.getByRole('grid', { name: 'Images' })).toBeFocused();

  // A group of them; a third is dragged to it, a fourth added by the menu.
  await whence.map.groupSelection('doubtful');
  await browse.dragToGroup(4, 'doubtful', () => shoot('DragToGroup'));
  await expect(whence.page.getByText('Added 1 image to doubtful')).toBeVisible();
  await imageMenu.openOn(browse.tiles().nth(5));
  await imageMenu.addToGroup('doubtful');
  await whence.goTo('Groups');
  await expect(whence.groups.cards().filter({ hasText: 'doubtful' })).toContainText('4 images');
  await whence.undo();
  await expect(whence.groups.cards().filter({ hasText: 'doubtful' })).toContainText('3 images');
  await whence.goTo('Browse');

  // The order by label: the scrubber says the class, and a drag shows another part.
  await browse.orderBy('Label');
  await expect(browse.scrubber()).toHaveAttribute('aria-valuetext', /^ankle-boot, image 1 of/);
  const top = await browse.scrubber().getAttribute('aria-valuetext');
  await browse.scrubTo(0.8);
  await expect(browse.scrubber()).not.toHaveAttribute('aria-valuetext', top ?? '');
  for (const theme of themes) {
    await whence.choose(theme);
    await browse.scrubber().hover({ position: { x: 10, y: 200 } });
    await shoot(`Scrubber-${theme}`);
  }
  await browse.scrubber().press('Home');
  await expect(browse.scrubber()).toHaveAttribute('aria-valuetext', top ?? '');
  expect(session.consoleErrors).toEqual([]);
});

test('a curator flags the training images that evidence points to, and finds them with their reasons', async ({
  whence,
  analysedProject,
  session,
  host,
}) => {
  await whence.start(analysedProject);
  await whence.goTo('Issues');
  const { suggested } = await whence.issues.current();
  await whence.imageMenu.openOn(whence.issues.pulls(suggested).first());
  await whence.imageMenu.choose('Flag as culprit');
  await expect(whence.page.getByText(/^Flagged image \d+: 1 image to look at/)).toBeVisible();
  for (const theme of themes) {
    await whence.choose(theme);
    await whence.issues.pulls(suggested).nth(1).hover();
    await whence.settle();
    await whence.page.screenshot({ path: path.join(screenshotPath, `${host}-Culprit-${theme}.png`) });
    expect(await violations(whence.page)).toEqual([]);
  }
  // The image at hand, by key, wherever the focus is.
  await whence.imageMenu.openByKey();
  await whence.imageMenu.choose('Show influence');
  await whence.influence.flagByKey(whence.influence.opponents().first());
  await expect(whence.page.getByText(/^Flagged image \d+: [12] images? to look at/).last()).toBeVisible();

  await whence.command('Show the images flagged');
  await expect(whence.browse.count()).toHaveText(/^[12] of /);
  await whence.browse.tiles().first().click();
  const reasons = whence.browse.details().getByRole('region', { name: 'Flagged as culprit' });
  await expect(reasons).toContainText(/Pulls image \d+ (towards|away from) /);
  await whence.settle();
  await whence.page.screenshot({ path: path.join(screenshotPath, `${host}-Culprits.png`) });
  expect(await violations(whence.page)).toEqual([]);
  await whence.undo();
  await whence.undo();
  await expect(reasons).toHaveCount(0);
  await expect(whence.browse.tagged()).toHaveCount(0);
  expect(session.consoleErrors).toEqual([]);
});
