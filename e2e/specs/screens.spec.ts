/** @file Every screen, light and dark: accessible, without a complaint in the console, and pictured. */
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { AxeBuilder } from '@axe-core/playwright';
import { expect, test } from '../fixtures.ts';
import { screenshotPath } from '../places.ts';
import { screenNames, themes } from '../screens/whence.ts';

for (const theme of themes) {
  test(`every screen is accessible and quiet, ${theme}`, async ({
    whence,
    session,
    analysedProject,
    host,
  }) => {
    await mkdir(screenshotPath, { recursive: true });
    await whence.start(analysedProject);
    await whence.choose(theme);
    for (const screen of screenNames) {
      await whence.goTo(screen);
      await whence.settle();
      await whence.page.screenshot({ path: path.join(screenshotPath, `${host}-${screen}-${theme}.png`) });
      // Electron's pages cannot open the second page that axe would otherwise use.
      const { violations } = await new AxeBuilder({ page: whence.page }).setLegacyMode(true).analyze();
      const found = violations.map(
        ({ id, nodes }) => `${screen}: ${id} ${nodes.map((node) => node.html).join(' ')}`,
      );
      expect.soft(found).toEqual([]);
    }
    expect(session.consoleErrors).toEqual([]);
  });
}

test('the first start says what to do', async ({ whence, session }) => {
  await whence.start();
  for (const screen of screenNames) {
    await whence.goTo(screen);
    await whence.settle();
    const { violations } = await new AxeBuilder({ page: whence.page }).setLegacyMode(true).analyze();
    expect.soft(violations.map(({ id }) => `${screen}: ${id}`)).toEqual([]);
    await expect(whence.page.getByRole('main').getByRole('heading').first()).toBeVisible();
  }
  expect(session.consoleErrors).toEqual([]);
});
