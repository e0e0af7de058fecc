/** @file Every screen, light and dark: accessible, without a complaint in the console, and pictured. */
import path from 'node:path';
import { violations } from '../accessibility.ts';
import { expect, test } from '../fixtures.ts';
import { screenshotPath, smallModel } from '../places.ts';
import { screenNames, themes } from '../screens/whence.ts';

for (const theme of themes) {
  test(`every screen is accessible and quiet, ${theme}`, async ({
    whence,
    session,
    analysedProject,
    host,
  }) => {
    test.skip(host === 'served' && theme === 'dark', 'colours are the same in both hosts');
    await whence.start(analysedProject);
    await expect(whence.engineNotice()).toBeHidden();
    await whence.choose(theme);
    for (const screen of screenNames) {
      await whence.goTo(screen);
      await whence.settle();
      await whence.page.screenshot({ path: path.join(screenshotPath, `${host}-${screen}-${theme}.png`) });
      const found = await violations(whence.page);
      expect.soft(found, screen).toEqual([]);
    }
    expect(session.consoleErrors).toEqual([]);
  });
}

for (const theme of themes) {
  test(`the dialog for one’s own model is accessible, ${theme}`, async ({
    whence,
    session,
    analysedProject,
    host,
  }) => {
    test.skip(host === 'served' && theme === 'dark', 'colours are the same in both hosts');
    await whence.start(analysedProject);
    await whence.choose(theme);
    await whence.goTo('Models');
    await session.answerFileDialog(smallModel);
    await whence.models.lookInto(smallModel);
    await whence.models.report().waitFor();
    await whence.models.showAllChoices();
    await whence.page.screenshot({ path: path.join(screenshotPath, `${host}-AddModel-${theme}.png`) });
    expect(await violations(whence.page)).toEqual([]);
    expect(session.consoleErrors).toEqual([]);
  });
}

test('the first start says what to do', async ({ whence, session }) => {
  await whence.start();
  for (const screen of screenNames) {
    await whence.goTo(screen);
    await whence.settle();
    expect.soft(await violations(whence.page), screen).toEqual([]);
    await expect(whence.page.getByRole('main').getByRole('heading').first()).toBeVisible();
  }
  expect(session.consoleErrors).toEqual([]);
});
