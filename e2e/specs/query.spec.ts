/** @file Finding images: a query written with the list of what may stand at the cursor, saved views, histograms, a confusion matrix. */
import path from 'node:path';
import { violations } from '../accessibility.ts';
import { expect, test } from '../fixtures.ts';
import { screenshotPath } from '../places.ts';
import { themes } from '../screens/whence.ts';

test('a curator finds images by a query, keeps it as a view, and opens what a model mixes up', async ({
  whence,
  analysedProject,
  session,
  host,
}) => {
  const { browse } = whence;
  /** `open` brings up what is pictured; while a dialog is open the theme cannot be chosen. */
  const picture = async (name: string, open = (): Promise<void> => Promise.resolve()): Promise<void> => {
    for (const theme of themes) {
      await whence.page.keyboard.press('Escape');
      await whence.choose(theme);
      await open();
      await whence.settle();
      await whence.page.screenshot({ path: path.join(screenshotPath, `${host}-${name}-${theme}.png`) });
      expect.soft(await violations(whence.page), `${name} ${theme}`).toEqual([]);
    }
  };
  await whence.start(analysedProject);
  await whence.goTo('Browse');
  const all = Number(((await browse.count().textContent()) ?? '').replace(/\D/g, ''));

  // By keyboard: a field, an operator and a value from the list.
  await browse.query().focus();
  await whence.page.keyboard.type('spl');
  await expect(browse.offered().first()).toHaveText(/^split/);
  await whence.page.keyboard.press('Tab');
  await expect(browse.offered().first()).toHaveText(/^=/);
  await whence.page.keyboard.type('= tr');
  await expect(browse.offered()).toHaveText([/^train/]);
  await whence.page.keyboard.press('ArrowDown');
  await whence.page.keyboard.press('Enter');
  await expect(browse.query()).toHaveValue('split = train');
  await whence.page.keyboard.press('Enter');
  await expect(browse.count()).toHaveText(/ of /);

  await browse.ask('label_score >');
  await expect(browse.queryError()).toContainText('Character 14: expected a value');
  await browse.query().focus();
  await expect(browse.offered()).toHaveCount(0);
  await whence.page.screenshot({ path: path.join(screenshotPath, `${host}-QueryError.png`) });

  await browse.ask('label_score >= 0 and not unlabelled');
  await expect(browse.queryError()).toHaveCount(0);
  await browse.saveView('scored');
  await whence.page.keyboard.press('Escape');
  const end = await browse.histogramEnd('Label issue score', 'from');
  await end.focus();
  for (let step = 0; step < 8; step++) await whence.page.keyboard.press('ArrowRight');
  await expect(browse.views().getByRole('button', { name: 'scored (changed)' })).toBeVisible();
  await picture('Query', async () => {
    await browse.query().fill('label_score >= 0 and l');
    await expect(browse.offered().first()).toBeVisible();
  });

  await whence.page.keyboard.press('Escape');
  await browse
    .views()
    .getByRole('button', { name: /^scored/ })
    .click();
  await expect(browse.query()).toHaveValue('label_score >= 0 and not unlabelled');
  await expect(browse.views().getByRole('button', { name: 'scored', exact: true })).toHaveAttribute(
    'aria-pressed',
    'true',
  );

  await browse.showAsList();
  await picture('List');

  await whence.goTo('Models');
  await picture('Confusion', () => whence.models.showConfusion());
  const number = whence.models.confusionNumbers().first();
  const count = Number(((await number.textContent()) ?? '').replace(/\D/g, ''));
  await number.click();
  await expect(browse.query()).toHaveValue(/^label = ".+" and predicted\(\d+\) = ".+" and unseen\(\d+\)$/);
  await expect(browse.count()).toHaveText(`${count} of ${all} images`);
  expect(session.consoleErrors).toEqual([]);
});
