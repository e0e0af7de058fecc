/** @file The main job from end to end, in the real window. */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { parse } from 'csv-parse/sync';
import { expect, test } from '../fixtures.ts';
import { samplePath } from '../places.ts';

interface Row {
  readonly path: string;
  readonly given: string;
  readonly corrected: string;
  readonly action: string;
  readonly reviewer: string;
  readonly time: string;
  readonly sha256: string;
}

test('a curator imports the sample, fixes labels by keyboard, and finds it all again after a restart', async ({
  whence,
  workspace,
  session,
}) => {
  test.setTimeout(300_000);
  const project = path.join(workspace, 'mine.whence');

  await whence.start();
  await whence.home.trySample();
  await whence.importing.importInto(project);
  await expect(whence.importing.outcome()).toContainText('3,006 images');

  await whence.goTo('Models');
  await whence.models.train({ architecture: 'Linear', epochs: 2, folds: 2 });
  await whence.jobs.open();
  await expect(whence.jobs.run('Train model', 'Finished')).toBeVisible({ timeout: 120_000 });
  await expect(whence.models.cards()).toHaveCount(1);

  await whence.goTo('Issues');
  await whence.issues.findProblems();
  await whence.issues.waitForQueue(180_000);
  const first = await whence.issues.current();
  await expect(whence.issues.pulls(first.suggested).first()).toBeVisible();

  const accepted = [await whence.issues.decideBy('a'), await whence.issues.decideBy('a')];
  const undone = await whence.issues.decideBy('a');
  await expect(whence.issues.decided()).toContainText('3 of');
  await whence.undo();
  await expect(whence.issues.decided()).toContainText('2 of');

  await whence.close();
  await whence.start();
  await whence.home.openRecent('mine');
  await whence.goTo('Issues');
  await expect(whence.issues.decided()).toContainText('2 of');
  expect(await whence.issues.current()).toEqual(undone);
  await whence.redo();
  await expect(whence.issues.decided()).toContainText('3 of');
  await whence.undo();
  await expect(whence.issues.decided()).toContainText('2 of');
  await whence.goTo('History');
  await expect(whence.history.acceptances()).toHaveCount(3);
  await expect(whence.history.acceptances().filter({ hasText: 'undone' })).toHaveCount(1);

  const file = path.join(workspace, 'labels.csv');
  await whence.exportDialog.exportTo(file);
  const table = parse<Row>(await readFile(file), { columns: true });
  const rows = new Map(table.map((row) => [row.path, row]));
  expect(rows.size).toBe(3006);
  for (const entry of accepted) {
    const row = rows.get(entry.path);
    expect(row).toMatchObject({ given: entry.given, corrected: entry.suggested, action: 'accept' });
    expect(Date.parse(row?.time ?? '')).toBeGreaterThan(0);
    const original = await readFile(path.join(samplePath, entry.path));
    expect(row?.sha256).toBe(createHash('sha256').update(original).digest('hex'));
  }
  expect(rows.get(undone.path)).toMatchObject({ given: undone.given, corrected: undone.given, action: '' });
  expect(session.consoleErrors).toEqual([]);
});
