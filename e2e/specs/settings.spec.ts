/** @file Settings: keys of one's own, text twice as large, storage, and the tour; all of it accessible. */
import path from 'node:path';
import { violations } from '../accessibility.ts';
import { expect, test } from '../fixtures.ts';
import { screenshotPath } from '../places.ts';
import { unreachable } from '../reach.ts';
import { settingsParts } from '../screens/settings-screen.ts';
import { screenNames } from '../screens/whence.ts';

test('a reviewer takes other keys, which work at once, show everywhere and last', async ({
  whence,
  analysedProject,
  session,
  host,
}) => {
  await whence.start(analysedProject);
  await whence.page.keyboard.press('Control+,');
  for (const part of settingsParts) {
    await whence.settings.show(part);
    // A part of the long list has all that is in it.
    if (part === 'Keyboard shortcuts') await whence.settings.findAction('label');
    await whence.settle();
    await whence.page.screenshot({ path: path.join(screenshotPath, `${host}-Settings-${part}.png`) });
    expect.soft(await violations(whence.page), part).toEqual([]);
  }
  // A key that is free, and one that stands for something else, which then gets the old one.
  await whence.settings.findAction('keep the given label');
  await whence.settings.rebind('Keep the given label', 'K', 'j');
  await expect(whence.settings.keys('Label issues', 'Keep the given label')).toHaveText('J');
  await whence.settings.rebind('Keep the given label', 'J', 's');
  await expect(whence.settings.conflict()).toContainText('S stands for ‘Skip’');
  expect(await violations(whence.page)).toEqual([]);
  await whence.settings.exchange();
  await whence.settings.findAction('skip');
  await expect(whence.settings.keys('Label issues', 'Skip')).toHaveText('J');

  await whence.goTo('Issues');
  await expect(whence.page.getByRole('button', { name: 'Keep' })).toContainText('S');
  await whence.issues.current();
  await whence.page.keyboard.press('s');
  await expect(whence.issues.decided()).toContainText('1 of');
  await whence.page.keyboard.press('k');
  await whence.page.keyboard.press('?');
  await expect(whence.page.getByRole('dialog')).toContainText('Keep the given label');
  await expect(whence.page.getByRole('dialog').locator('dt', { hasText: 'J' })).toHaveCount(1);
  expect(await violations(whence.page)).toEqual([]);
  await whence.page.keyboard.press('Escape');
  await expect(whence.issues.decided()).toContainText('1 of');

  await whence.page.reload();
  await whence.goTo('Settings');
  await whence.settings.show('Keyboard shortcuts');
  await whence.settings.findAction('skip');
  await expect(whence.settings.keys('Label issues', 'Skip')).toHaveText('J');
  await whence.settings.resetKeys();
  await expect(whence.settings.keys('Label issues', 'Skip')).toHaveText('S');

  await whence.settings.show('Device and memory');
  await expect(whence.settings.memoryBudget()).toHaveText(/Automatic \(\d.* GB\)/);
  await whence.settings.show('Storage');
  await expect(whence.settings.storedPart('Features')).not.toContainText('0 bytes');
  await whence.settings.clearStorage();
  await expect(whence.settings.storedPart('Features')).toContainText('0 bytes');
  await expect(whence.settings.storedPart('Models')).not.toContainText('0 bytes');
  expect(session.consoleErrors).toEqual([]);
});

test('text twice as large leaves every screen usable', async ({ whence, analysedProject, session, host }) => {
  await whence.start(analysedProject);
  await whence.page.setViewportSize({ width: 1280, height: 800 });
  await whence.goTo('Settings');
  for (let step = 0; step < 4; step++) await whence.page.keyboard.press('Control+=');
  await expect(whence.page.getByRole('radio', { name: '200 %' })).toBeChecked();
  for (const screen of screenNames) {
    await whence.goTo(screen);
    await whence.settle();
    await whence.page.screenshot({ path: path.join(screenshotPath, `${host}-${screen}-200.png`) });
    expect.soft(await unreachable(whence.page), screen).toEqual([]);
  }
  await whence.page.keyboard.press('?');
  expect(await unreachable(whence.page)).toEqual([]);
  expect(await violations(whence.page)).toEqual([]);
  await whence.page.keyboard.press('Escape');
  await whence.page.keyboard.press('Control+0');
  await whence.goTo('Settings');
  await expect(whence.page.getByRole('radio', { name: '100 %' })).toBeChecked();
  expect(session.consoleErrors).toEqual([]);
});

test('the tour points at the real things, waits for what one does, and is taken up again', async ({
  whence,
  analysedProject,
  session,
  host,
}) => {
  await whence.start(analysedProject);
  await whence.tour.startFromHelp();
  // With images at hand it begins with looking at them.
  await expect(whence.tour.title()).toHaveText('All images, one selection');
  expect(await violations(whence.page)).toEqual([]);
  await whence.page.screenshot({ path: path.join(screenshotPath, `${host}-Tour.png`) });
  await whence.browse.tiles().nth(0).click();
  await whence.browse
    .tiles()
    .nth(3)
    .click({ modifiers: ['Shift'] });
  await expect(whence.tour.title()).toHaveText('Find labels that are probably wrong');
  await whence.page.keyboard.press('ArrowRight');
  await expect(whence.tour.title()).toHaveText('Decide with one key');
  await expect(whence.tour.target()).toContainText('Keep');
  await whence.page.keyboard.press('k');
  await expect(whence.tour.title()).toHaveText('Undo never ends');
  await whence.undo();
  await expect(whence.tour.title()).toHaveText('See why');
  await whence.page.keyboard.press('Escape');
  await expect(whence.tour.mark()).toBeHidden();

  await whence.page.reload();
  await whence.tour.startFromHelp();
  await expect(whence.tour.title()).toHaveText('See why');
  await whence.page.keyboard.press('ArrowLeft');
  await expect(whence.tour.title()).toHaveText('Undo never ends');
  for (const title of ['See why', 'Take the result with you', 'The rest is a key away']) {
    await whence.page.keyboard.press('Enter');
    await expect(whence.tour.title()).toHaveText(title);
  }
  await whence.page.keyboard.press('Enter');
  await expect(whence.tour.mark()).toBeHidden();
  expect(session.consoleErrors).toEqual([]);
});
