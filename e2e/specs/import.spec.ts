/** @file A person's own folder, with files that are not what they seem. */
import { cp, readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from '../fixtures.ts';
import { preparedSource } from '../places.ts';

test('a chosen folder becomes a project; what cannot be read is listed with its reason', async ({
  desktop,
  whence,
  workspace,
}) => {
  const source = path.join(workspace, 'pictures');
  await cp(preparedSource, source, { recursive: true });
  const coats = (await readdir(path.join(source, 'coat'))).sort();
  const whole = await readFile(path.join(source, 'coat', coats[0] ?? ''));
  await writeFile(path.join(source, 'coat', 'empty.png'), '');
  await writeFile(path.join(source, 'coat', 'cut.png'), whole.subarray(0, whole.length / 2));
  await writeFile(path.join(source, 'coat', 'words.jpg'), 'not a picture');

  await whence.start();
  await desktop.answerFileDialog(source);
  await whence.home.chooseFolder();
  await whence.importing.importInto(path.join(workspace, 'pictures.whence'));
  await expect(whence.importing.outcome()).toContainText('240 images');
  for (const reason of ['empty file', 'cut short', 'not an image'])
    await expect(whence.importing.problems().filter({ hasText: reason })).toHaveCount(1);
});
