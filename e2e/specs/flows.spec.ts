/** @file What people come for, from end to end, on real images: labels found and fixed, fixed with evidence and ranked anew, a wrong prediction explained. */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { parse } from 'csv-parse/sync';
import { violations } from '../accessibility.ts';
import { expect, test } from '../fixtures.ts';
import { preparedSource, screenshotPath } from '../places.ts';
import { themes, type Whence } from '../screens/whence.ts';

interface Row {
  readonly path: string;
  readonly given: string;
  readonly corrected: string;
  readonly action: string;
  readonly reviewer: string;
  readonly time: string;
  readonly sha256: string;
}

/** Pictures of what is on the screen, which has nothing serious against it. */
async function picture(whence: Whence, host: string, name: string): Promise<void> {
  for (const theme of themes) {
    await whence.choose(theme);
    await whence.settle();
    await whence.page.screenshot({ path: path.join(screenshotPath, `${host}-${name}-${theme}.png`) });
    expect.soft(await violations(whence.page), `${name} ${theme}`).toEqual([]);
  }
}

test('a folder becomes a project, 20 labels are decided by keyboard, and all is there after a restart and in the export', async ({
  whence,
  workspace,
  session,
  desktop,
  host,
}) => {
  test.setTimeout(240_000);
  await whence.start();
  await session.answerFileDialog(preparedSource);
  await whence.home.chooseSource(preparedSource);
  await whence.importing.importInto(path.join(workspace, 'mine.whence'));
  await expect(whence.importing.outcome()).toContainText('240 images');

  // A linear model is trained in seconds; what is looked for is the same.
  await whence.goTo('Models');
  await whence.models.train({ architecture: 'Linear', epochs: 6, folds: 3 });
  await expect(whence.models.cards()).toHaveCount(1, { timeout: 120_000 });
  await whence.goTo('Issues');
  await whence.issues.findProblems();
  await whence.issues.waitForQueue(180_000);
  await picture(whence, host, 'FirstWin');
  const accepted = [];
  for (let count = 0; count < 20; count++) accepted.push(await whence.issues.decideBy('a'));
  const undone = await whence.issues.decideBy('a');
  await expect(whence.issues.decided()).toContainText('21 of');
  await whence.undo();
  await expect(whence.issues.decided()).toContainText('20 of');

  await whence.close();
  await whence.start();
  // The theme that was looked at last is the frame's from the start.
  if (host === 'desktop')
    await expect
      .poll(() => desktop.app.evaluate(({ nativeTheme }) => nativeTheme.themeSource))
      .toBe(themes.at(-1));
  await whence.home.openRecent('mine');
  await whence.goTo('Issues');
  await expect(whence.issues.decided()).toContainText('20 of');
  expect(await whence.issues.current()).toEqual(undone);
  await whence.redo();
  await expect(whence.issues.decided()).toContainText('21 of');
  await whence.undo();
  await expect(whence.issues.decided()).toContainText('20 of');
  await whence.goTo('History');
  await expect(whence.history.acceptances()).toHaveCount(21);
  await expect(whence.history.acceptances().filter({ hasText: 'undone' })).toHaveCount(1);

  const file = path.join(workspace, 'labels.csv');
  await whence.exportDialog.exportTo(file);
  const table = parse<Row>(await readFile(file), { columns: true });
  const rows = new Map(table.map((row) => [row.path, row]));
  expect(rows.size).toBe(240);
  for (const entry of accepted) {
    const row = rows.get(entry.path);
    expect(row).toMatchObject({ given: entry.given, corrected: entry.suggested, action: 'accept' });
    expect(Date.parse(row?.time ?? '')).toBeGreaterThan(0);
    const original = await readFile(path.join(preparedSource, entry.path));
    expect(row?.sha256).toBe(createHash('sha256').update(original).digest('hex'));
  }
  expect(rows.get(undone.path)).toMatchObject({ given: undone.given, corrected: undone.given, action: '' });
  expect(session.consoleErrors).toEqual([]);
});

test('labels are fixed by what pulls them either way, and ranked again; the new queue asks anew, and History keeps all', async ({
  whence,
  analysedProject,
  session,
  host,
}) => {
  test.setTimeout(240_000);
  await whence.start(analysedProject);
  await whence.goTo('Issues');
  const first = await whence.issues.current();
  expect(first.suggested).not.toBe(first.given);
  await expect(whence.issues.pulls(first.suggested).first()).toBeVisible();
  await expect(whence.issues.pulls(first.given).first()).toBeVisible();
  await picture(whence, host, 'Evidence');
  for (const key of ['a', 'k', 'a', 'k'] as const) await whence.issues.decideBy(key);
  await expect(whence.issues.decided()).toContainText(/^4 of/);

  await whence.issues.rankAgain();
  await expect(whence.issues.stale()).toBeHidden();
  await whence.issues.waitForQueue(180_000);
  await expect(whence.issues.decided()).toContainText(/^0 of/);
  await whence.goTo('History');
  await expect(whence.history.acceptances()).toHaveCount(2);
  expect(session.consoleErrors).toEqual([]);
});

test('a cell of the confusion matrix leads to the images that pull a wrong prediction, and one of those is relabelled', async ({
  whence,
  analysedProject,
  session,
  host,
}) => {
  await whence.start(analysedProject);
  await whence.goTo('Models');
  await whence.models.showConfusion();
  await whence.models.confusionNumbers().first().click();
  await expect(whence.browse.query()).toHaveValue(/^label = ".+" and predicted\(\d+\) = ".+"/);
  await whence.browse.explain(0);
  await expect(whence.influence.opponents().first()).toBeVisible();
  await picture(whence, host, 'WrongPrediction');

  await whence.influence.flagByKey(whence.influence.opponents().first());
  await whence.page.getByRole('button', { name: 'Show them' }).click();
  await expect(whence.browse.count()).toHaveText(/^1 of /);
  await whence.browse.relabel([0], 'bag');
  await expect(whence.browse.details().getByRole('heading', { level: 2 })).toHaveText('bag');
  await whence.goTo('History');
  await expect(whence.history.decisions().first()).toContainText('bag');
  expect(session.consoleErrors).toEqual([]);
});
