import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { insertModel, makeProjectFixture, type ProjectFixture } from '../../../../testing/project-fixture.ts';
import { RunRequest } from '../../../contract/runs-service.ts';
import { estimateRun } from '../estimate-run.ts';

let fixture: ProjectFixture;

/** The model's own training took a hundred seconds. */
beforeAll(() => {
  fixture = makeProjectFixture({ sampleCount: 50 });
  const { runId } = insertModel(fixture);
  fixture.folder.connection
    .prepare('UPDATE runs SET startedAt = ?, finishedAt = ?, config = ? WHERE id = ?')
    .run('2026-01-01T00:00:00Z', '2026-01-01T00:01:40Z', '{"folds": 0, "epochs": 10}', runId);
});
afterAll(() => fixture.remove());

const estimate = (kind: string, config: object) =>
  estimateRun(fixture.folder.connection, RunRequest.parse({ kind, config }), () => 1e12);

describe('the estimate of an evaluation', () => {
  it('is its trainings, by how long the model’s own took and by the share that each learns from', async () => {
    const lds = await estimate('evaluate-lds', { subsets: 10, repeats: 3, share: 0.5 });
    expect(lds.seconds).toBeCloseTo(10 * 3 * 50, 3);
    const loo = await estimate('evaluate-loo', { removals: 9 });
    expect(loo.seconds).toBeCloseTo(10 * 100, 3);
    const brittleness = await estimate('evaluate-brittleness', { queryCount: 4, removals: [2, 5] });
    expect(brittleness.seconds).toBeCloseTo((4 * 2 + 3 * 2 + 1) * 100, 3);
  });

  it('counts the trainings of an ensemble that is evaluated', async () => {
    const alone = await estimate('evaluate-lds', { subsets: 10, repeats: 1 });
    const three = await estimate('evaluate-lds', { subsets: 10, repeats: 1, models: 3 });
    expect(three.seconds! - alone.seconds!).toBeCloseTo(200, 3);
    expect(three.diskBytes).toBeGreaterThan(alone.diskBytes);
  });
});
