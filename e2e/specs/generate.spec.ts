/** @file From a generated image back to the training images and the groups behind it. */
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { violations } from '../accessibility.ts';
import { expect, test } from '../fixtures.ts';
import { screenshotPath } from '../places.ts';
import { themes } from '../screens/whence.ts';

test('a model is trained, makes images, and one of them is traced to groups and to training images', async ({
  whence,
  session,
  analysedProject,
  host,
}) => {
  test.setTimeout(240_000);
  await whence.start(analysedProject);
  await whence.goTo('Generated');
  await expect(whence.page.getByRole('heading', { name: 'No model makes images yet' })).toBeVisible();
  await whence.goTo('Models');
  await whence.models.trainGenerator({
    Steps: 40,
    'Batch size': 16,
    'Image size': 8,
    'Steps of time': 100,
    Checkpoints: 0,
  });
  await whence.jobs.open();
  await expect(whence.jobs.run('Train generative model', 'Finished')).toBeVisible({ timeout: 90_000 });
  await expect(whence.models.cards().filter({ hasText: 'makes images' })).toContainText('8 × 8');
  await expect(whence.models.sheets()).toHaveCount(1);

  await whence.goTo('Generated');
  await whence.generated.makeImages();
  await whence.generated.makingForm.fill({ 'How many': 4, Steps: 5 });
  await expect(whence.generated.makingForm.estimate()).toContainText('Takes');
  await whence.generated.makingForm.start();
  await expect(whence.generated.tiles()).toHaveCount(4, { timeout: 60_000 });
  await whence.generated.lookAt(2);
  await expect(whence.generated.detail()).toContainText('SHA-256');

  await whence.goTo('Groups');
  await whence.groups.defineByClass();
  await expect(whence.groups.cards()).toHaveCount(10);
  await whence.goTo('Generated');
  await whence.generated.traceToGroups();
  const { tracingForm } = whence.groups;
  await tracingForm.tickOnly('Groups', ['coat', 'sandal']);
  await tracingForm.showAllChoices();
  await tracingForm.fill({
    'Random groups': 2,
    'Steps of time': 5,
    Steps: 5,
    'Batch size': 8,
    Neighbours: 2,
  });
  await expect(tracingForm.estimate()).toContainText('Takes');
  await tracingForm.start();
  await expect(whence.generated.groups()).toContainText('Diffuse / not attributed', { timeout: 90_000 });

  await whence.generated.traceToImages();
  const { tracingForm: imagesForm } = whence.generated;
  await expect(imagesForm.dialog()).toContainText('squared length of the predicted noise');
  await imagesForm.showAllChoices();
  await imagesForm.fill({ 'Steps of time': 2, 'Projection size': 64 });
  await expect(imagesForm.estimate()).toContainText('Takes');
  await imagesForm.start();
  await expect(whence.generated.proponents()).toHaveCount(8, { timeout: 90_000 });

  await whence.generated.openInGroups();
  await expect(whence.groups.chosenQuery()).toHaveCount(1);
  await expect(whence.groups.controls().first()).toBeVisible();
  await expect(whence.groups.verdict()).toBeVisible();
  await expect(await whence.groups.tableRows()).toHaveCount(2);
  await whence.jobs.close();
  await mkdir(screenshotPath, { recursive: true });
  for (const theme of themes) {
    await whence.choose(theme);
    for (const screen of ['Models', 'Generated', 'Groups'] as const) {
      await whence.goTo(screen);
      await whence.settle();
      const file = `${host}-${screen}Traced-${theme}.png`;
      await whence.page.screenshot({ path: path.join(screenshotPath, file) });
      expect.soft(await violations(whence.page), `${screen}, ${theme}`).toEqual([]);
    }
  }
  expect(session.consoleErrors).toEqual([]);
});
