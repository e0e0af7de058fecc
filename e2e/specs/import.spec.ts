/** @file A person's own folder, with files that are not what they seem. */
import { cp, readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { writePlantedImages } from '../../testing/planted-images.ts';
import { violations } from '../accessibility.ts';
import { encodeZip } from '../../testing/zip-writer.ts';
import { expect, test } from '../fixtures.ts';
import { preparedSource, screenshotPath } from '../places.ts';
import { themes } from '../screens/whence.ts';

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
  await whence.home.chooseSource(source);
  await whence.importing.importInto(path.join(workspace, 'pictures.whence'));
  await expect(whence.importing.outcome()).toContainText('240 images');
  for (const reason of ['empty file', 'cut short', 'not an image'])
    await expect(whence.importing.problems().filter({ hasText: reason })).toHaveCount(1);
});

test('issues of pictures are found, compared, and decided by key and by a rule', async ({
  desktop,
  whence,
  workspace,
  session,
}) => {
  const source = path.join(workspace, 'planted');
  await writePlantedImages(source, 3);
  const { imageIssues } = whence;
  const still = async (name: string): Promise<void> => {
    await whence.settle();
    await whence.page.screenshot({ path: path.join(screenshotPath, `ImageIssues-${name}.png`) });
    expect.soft(await violations(whence.page), name).toEqual([]);
  };
  const picture = async (name: string): Promise<void> => {
    for (const theme of themes) {
      await whence.choose(theme);
      await still(`${name}-${theme}`);
    }
  };

  await whence.start();
  await desktop.answerFileDialog(source);
  await whence.home.chooseSource(source);
  await whence.importing.importInto(path.join(workspace, 'planted.whence'));
  await whence.goTo('Issues');
  await imageIssues.lookForAll();

  await imageIssues.show('Leaks between splits');
  await picture('pair');
  await whence.page.keyboard.press('4');
  await whence.page.keyboard.press('+');
  await picture('difference');
  await whence.page.keyboard.press('l');
  await expect(imageIssues.decided()).toContainText('1 of 2');
  await whence.undo();
  await expect(imageIssues.decided()).toContainText('0 of 2');
  await imageIssues.openRules();
  await expect(imageIssues.rules().getByRole('status')).toContainText(
    'Decides 2 leaks and excludes 2 images',
  );
  await still('rules');
  await imageIssues.rules().getByRole('button', { name: 'Decide 2 leaks' }).click();
  await expect(imageIssues.decided()).toContainText('2 of 2');

  await imageIssues.show('Blurred images');
  await expect(imageIssues.evidence()).toContainText('deviations');
  await picture('blurred');
  await whence.page.keyboard.press('x');
  await expect(imageIssues.decided()).toContainText('1 of 2');
  await imageIssues.show('Broken files');
  await expect(imageIssues.issue()).toContainText('cut.png');
  await imageIssues.openSearch();
  await still('search');
  expect(session.consoleErrors).toEqual([]);
});

test('a zip is read as it is; a table shows which column it takes for what, and is corrected', async ({
  desktop,
  whence,
  workspace,
}) => {
  const source = path.join(workspace, 'pictures');
  await cp(preparedSource, source, { recursive: true });
  const images = (await readdir(source, { recursive: true }))
    .filter((name) => name.endsWith('.png'))
    .slice(0, 40);
  const rows = images.map((name, index) => `${name},${['owl', 'jay'][index % 2]},${1900 + index}`);
  const table = path.join(source, 'birds.csv');
  await writeFile(table, `photo,species,year\n${rows.join('\n')}\nnowhere.png,owl,1\n`);
  const entries = images.map(async (name) => [name, await readFile(path.join(source, name))] as const);
  const zip = path.join(workspace, 'birds.zip');
  await writeFile(zip, encodeZip(Object.fromEntries(await Promise.all(entries))));

  await whence.start();
  await desktop.answerFileDialog(zip);
  await whence.home.chooseFile();
  await expect(whence.importing.layout()).toContainText('In a zip archive');
  await whence.importing.chooseAnother();
  await desktop.answerFileDialog(table);
  await whence.home.chooseFile();
  await expect(whence.importing.choice('Path column')).toHaveValue('photo');
  await expect(whence.importing.choice('Label column')).toHaveValue('none');
  await whence.importing.choice('Label column').selectOption('species');
  await expect(whence.importing.layout()).toContainText('2 classes');
  for (const theme of themes) {
    await whence.choose(theme);
    await whence.page.screenshot({
      path: path.join(screenshotPath, `import-table-${theme}.png`),
      fullPage: true,
    });
  }
  await whence.importing.importInto(path.join(workspace, 'birds.whence'));
  await expect(whence.importing.outcome()).toContainText('40 images');
  await expect(whence.importing.problems().filter({ hasText: 'no longer there' })).toHaveCount(1);

  // Imported again, it is read as it was corrected; a click guesses anew.
  await whence.importing.importSomethingElse();
  await desktop.answerFileDialog(table);
  await whence.home.chooseFile();
  await expect(whence.importing.choice('Label column')).toHaveValue('species');
  await expect(whence.importing.remembered()).toBeVisible();
  await whence.page.screenshot({ path: path.join(screenshotPath, 'import-remembered.png') });
  await whence.importing.guessAnew();
  await expect(whence.importing.choice('Label column')).toHaveValue('none');
});
