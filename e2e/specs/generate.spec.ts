/** @file From a generated image back to the training images and the groups behind it. */
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { smallDenoiser } from '../../testing/brought-denoiser.ts';
import { writeModel } from '../../src/core/onnx/write-model.ts';
import { violations } from '../accessibility.ts';
import { expect, test } from '../fixtures.ts';
import { screenshotPath } from '../places.ts';
import { themes } from '../screens/whence.ts';

test('a model is trained, makes images, and one of them is traced to groups and to training images', async ({
  whence,
  session,
  analysedProject,
  workspace,
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
    'Share drawn equally': 0.5,
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
  await whence.goTo('Models');
  const brought = { model: path.join(workspace, 'unet.onnx'), schedule: path.join(workspace, 'cosine.json') };
  await writeFile(brought.model, writeModel(smallDenoiser(10)));
  await writeFile(brought.schedule, JSON.stringify({ kind: 'cosine', steps: 50, prediction: 'v' }));
  await whence.models.addGenerator({ ...brought, predicts: 'The noise' });
  await expect(whence.models.generatorDialog()).toContainText('predicts v, and epsilon was chosen');
  await whence.models.generatorDialog().getByLabel('It predicts').selectOption('What the schedule file says');
  await whence.models.generatorDialog().getByRole('button', { name: 'Add and measure' }).click();
  await expect(whence.jobs.run('Add generative model', 'Finished')).toBeVisible({ timeout: 60_000 });
  await expect(whence.models.cards().filter({ hasText: 'makes images' })).toHaveCount(2);

  await whence.goTo('Methods');
  await whence.methods.lookAtModel(2);
  await whence.methods.evaluate();
  const { form } = whence.methods;
  await form.dialog().getByText('Counterfactual', { exact: true }).click();
  await form.tickOnly('Methods', ['Pixels (cosine)']);
  await form.fill({ 'Images that are drawn': 1 });
  await expect(form.estimate()).toContainText('Takes');
  await form.start();
  await expect(whence.methods.rows()).toHaveCount(2, { timeout: 60_000 });
  await whence.jobs.close();
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
