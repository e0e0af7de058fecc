/** @file The engine dies: the window stays, says so, and nothing decided is lost. */
import { expect, test } from '../fixtures.ts';

test('a killed engine comes back by itself; the run goes on and no decision is lost', async ({
  desktop,
  whence,
  analysedProject,
}) => {
  await whence.start(analysedProject);
  await whence.goTo('Issues');
  const decided = await whence.issues.decideBy('a');
  await expect(whence.issues.decided()).toContainText('1 of');

  await whence.goTo('Models');
  await whence.models.train({ architecture: 'CNN', epochs: 60, folds: 0 });
  await whence.jobs.open();
  await expect(whence.jobs.run('Train model', 'Epoch')).toBeVisible();
  await expect(whence.jobs.run('Train model', 'Running')).toContainText(/Epoch ([3-9]|\d\d)/, {
    timeout: 60_000,
  });

  await desktop.killEngine();
  await expect(whence.engineNotice()).toBeVisible();
  await expect(whence.engineNotice()).toContainText('restarted', { timeout: 30_000 });
  await expect(whence.jobs.run('Train model', 'Interrupted')).toBeVisible();

  await whence.resumeInterruptedWork();
  await expect(whence.models.cards()).toHaveCount(2, { timeout: 90_000 });
  await whence.goTo('History');
  await expect(whence.history.acceptances()).toHaveCount(1);
  await whence.goTo('Browse');
  await whence.browse.showOnly('Suggestion accepted');
  await expect(whence.browse.tiles()).toHaveCount(1);
  await expect(whence.browse.tiles().first()).toContainText(decided.suggested);
});
