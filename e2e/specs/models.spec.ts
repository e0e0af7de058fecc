/** @file A person's own model: looked into, added, evaluated, attributed, fine-tuned; and files that are none. */
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from '../fixtures.ts';
import { smallModel } from '../places.ts';

/** Of the sample, in the order of the model's outputs. */
const classNames = [
  ...['ankle-boot', 'bag', 'coat', 'dress', 'pullover'],
  ...['sandal', 'shirt', 'sneaker', 't-shirt', 'trouser'],
];

test('an ONNX model is checked, added, evaluated, and traced to the images it learned', async ({
  whence,
  session,
  analysedProject,
}) => {
  test.setTimeout(240_000);
  await whence.start(analysedProject);
  await whence.goTo('Models');
  await expect(whence.models.cards()).toHaveCount(1);
  await session.answerFileDialog(smallModel);
  await whence.models.lookInto(smallModel);
  await expect(whence.models.report()).toContainText('grey, 28 × 28');
  await expect(whence.models.report()).toContainText('10 classes from logits');
  await whence.models.addIt();
  await whence.jobs.open();
  await expect(whence.jobs.run('Add model', 'Finished')).toBeVisible({ timeout: 60_000 });
  const card = whence.models.cards().filter({ hasText: 'from a file' });
  await expect(card).toContainText(/Accuracy on all labelled images\s*[78]\d/);
  await expect(card).toContainText('9,098');

  await whence.models.estimateInfluence('small-cnn');
  await expect(whence.jobs.run('Estimate influence', 'Finished')).toBeVisible({ timeout: 60_000 });

  await whence.goTo('Models');
  await whence.models.startFrom('small-cnn');
  await whence.models.train({ epochs: 1, folds: 0 });
  await expect(whence.models.cards().filter({ hasText: 'fine-tuned from small-cnn' })).toBeVisible({
    timeout: 60_000,
  });
  expect(session.consoleErrors).toEqual([]);
});

test('classes in a wrong order show at once, with what to check', async ({
  whence,
  session,
  analysedProject,
}) => {
  await whence.start(analysedProject);
  await whence.goTo('Models');
  await session.answerFileDialog(smallModel);
  await whence.models.lookInto(smallModel);
  await whence.models.nameOutputs([...classNames].reverse());
  await whence.models.addIt();
  const card = whence.models.cards().filter({ hasText: 'from a file' });
  await expect(card).toContainText('Check the order of the classes', { timeout: 60_000 });
});

test('a file that is no model is refused with a reason, and the dialog stays', async ({
  whence,
  session,
  analysedProject,
  workspace,
}) => {
  const broken = path.join(workspace, 'broken.onnx');
  await writeFile(broken, 'this is no model');
  await whence.start(analysedProject);
  await whence.goTo('Models');
  await session.answerFileDialog(broken);
  await whence.models.lookInto(broken);
  await expect(whence.models.refusal()).toContainText('The model file cannot be used');
  await expect(whence.models.dialog()).toBeVisible();
  expect(session.consoleErrors).toEqual([]);
});
