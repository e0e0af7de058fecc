/** @file The methods, what they cost and how far they hold: an estimate by another method, and its measurement. */
import path from 'node:path';
import { violations } from '../accessibility.ts';
import { expect, test } from '../fixtures.ts';
import { screenshotPath } from '../places.ts';
import { themes } from '../screens/whence.ts';

test('influence is estimated by a chosen method, then measured, and the badge says so', async ({
  whence,
  session,
  analysedProject,
  host,
}) => {
  test.setTimeout(150_000);
  await whence.start(analysedProject);
  await whence.goTo('Influence');
  await expect(whence.influence.badge()).toHaveText('Not evaluated');
  await whence.influence.badge().hover();
  await expect(whence.influence.explanation()).toContainText('No retraining');

  const { form } = whence.influence;
  await whence.influence.estimateAnew();
  await expect(form.estimate()).toContainText(/Takes .* of memory, .* of disk/);
  await form.choose('Method', 'Grad-Dot');
  await expect(form.dialog()).toContainText('gradients point the same way');
  await form.fill({ 'Trained models': 0 });
  await expect(form.estimate()).toContainText('models');
  await expect(form.estimate()).not.toContainText('Takes');
  await form.fill({ 'Trained models': 1 });
  await expect(form.estimate()).toContainText('Takes');
  await form.start();
  await expect(whence.influence.estimates()).toContainText('Grad-Dot', { timeout: 60_000 });
  await expect(whence.influence.proponents().first()).toBeVisible();
  await expect(whence.influence.badge()).toHaveText('Not evaluated');

  await whence.influence.evaluate();
  const { form: evaluation } = whence.methods;
  await expect(evaluation.dialog().getByLabel('Method', { exact: true })).toHaveValue('grad-dot');
  await evaluation.fill({ Subsets: 8 });
  await evaluation.fill({ 'Query count': 20 });
  await evaluation.fill({ 'Tuning share': 0 });
  await expect(evaluation.estimate()).toContainText('Takes');
  await evaluation.start();
  await expect(whence.influence.badge()).toHaveText(/^(LDS|No better)/, { timeout: 90_000 });

  await whence.goTo('Methods');
  await expect(whence.methods.points().first()).toBeVisible();
  const measured = await whence.methods.rows().count();
  expect(measured).toBeGreaterThanOrEqual(1);
  await whence.methods.points().first().press('Enter');
  await expect(whence.methods.detail()).toContainText('Subsets');
  await whence.methods.sortBy('LDS');
  for (const theme of themes) {
    await whence.choose(theme);
    await whence.page.screenshot({ path: path.join(screenshotPath, `${host}-MethodsMeasured-${theme}.png`) });
    expect.soft(await violations(whence.page), theme).toEqual([]);
  }
  await whence.methods.remove(0);
  await expect(whence.methods.rows()).toHaveCount(measured - 1);
  expect(session.consoleErrors).toEqual([]);
});

for (const theme of themes) {
  test(`the dialogs about methods are accessible, ${theme}`, async ({
    whence,
    session,
    analysedProject,
    host,
  }) => {
    test.skip(host === 'served' && theme === 'dark', 'colours are the same in both hosts');
    await whence.start(analysedProject);
    await whence.choose(theme);
    for (const screen of ['Influence', 'Methods'] as const) {
      await whence.goTo(screen);
      const { form } = screen === 'Influence' ? whence.influence : whence.methods;
      await (screen === 'Influence' ? whence.influence.estimateAnew() : whence.methods.evaluate());
      await form.showAllChoices();
      await expect(form.estimate()).toContainText('Takes');
      const file = `${host}-${screen}Dialog-${theme}.png`;
      await whence.page.screenshot({ path: path.join(screenshotPath, file) });
      expect.soft(await violations(whence.page), screen).toEqual([]);
      await whence.page.keyboard.press('Escape');
    }
    expect(session.consoleErrors).toEqual([]);
  });
}
