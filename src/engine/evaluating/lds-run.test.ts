import { readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeTrainedProject, type TrainedProject } from '../../../testing/trained-project.ts';
import { RunRequest, type Run } from '../../contract/runs-service.ts';
import { RunQueue } from '../runs/run-queue.ts';
import { listEvaluations } from '../storage/evaluations.ts';
import { readRun } from '../storage/runs.ts';

let project: TrainedProject;
let first: Run;

const config = { subsets: 24, repeats: 2, queryCount: 30, projectionSize: 128, method: 'trak' } as const;

const evaluationsOf = (run: Run) =>
  listEvaluations(project.folder.connection, null).filter((evaluation) => evaluation.runId === run.id);
const retrainingsPath = (): string => join(project.folder.cachePath, 'retrainings');

beforeAll(async () => {
  project = await makeTrainedProject({
    train: 90,
    test: 36,
    classCount: 3,
    flippedShare: 0.1,
    config: { architecture: 'linear', epochs: 10, batchSize: 16, learningRate: 0.02, validationShare: 0 },
  });
  first = await project.run({ kind: 'evaluate-lds', config });
}, 120_000);
afterAll(() => project.remove());

describe('a run that measures the linear datamodeling score', () => {
  it('finds that TRAK foresees a linear model, better than chance, below the ceiling', () => {
    expect(first.error).toBe(null);
    const [given, tuned, similarity] = evaluationsOf(first);
    expect(given!.score).toBeGreaterThan(0.3);
    expect(given!.score).toBeLessThan(given!.ceiling!);
    expect(Math.abs(given!.chance!.mean)).toBeLessThan(0.1);
    expect(given!.deviation).toBeGreaterThan(0);
    expect(given!.figures).toMatchObject({ subsets: 24, repeats: 2, queries: 27, 'constant queries': 0 });
    expect(tuned!.choices!.relativeDamping).not.toBe(null);
    expect(tuned!.curves[0]!.points.length).toBeGreaterThan(5);
    expect(similarity!.choices!.method).toBe('embedding-cos');
    expect(given!.figures['similarity score']).toBe(similarity!.score);
    expect(given!.cost!.featureBytes).toBeGreaterThan(0);
  });

  it('measures another method against the same trainings', async () => {
    const before = readdirSync(retrainingsPath());
    expect(before).toHaveLength(24 * 2);
    const other = await project.run({ kind: 'evaluate-lds', config: { ...config, method: 'grad-dot' } });
    expect(other.error).toBe(null);
    expect(readdirSync(retrainingsPath())).toEqual(before);
    const [gradDot, similarity] = evaluationsOf(other);
    expect(gradDot!.title).toContain('Grad-Dot');
    expect(similarity!.score).toBe(evaluationsOf(first)[2]!.score);
  });

  it('that was interrupted goes on where it was and ends in the same figures', async () => {
    rmSync(retrainingsPath(), { recursive: true });
    const queue = new RunQueue(project.path);
    const reached = new Promise<void>((settle) =>
      queue.onProgress(({ stage }) => {
        if (Number(/^Training subset (\d+)/.exec(stage)?.[1] ?? 0) >= 5) settle();
      }),
    );
    const runId = queue.start(RunRequest.parse({ kind: 'evaluate-lds', config }));
    await Promise.race([reached, queue.idle()]);
    await queue.dispose();
    expect(readRun(project.folder.connection, runId).status).toBe('interrupted');
    const kept = readdirSync(retrainingsPath()).length;
    expect(kept).toBeGreaterThanOrEqual(8);
    expect(kept).toBeLessThan(48);
    const next = new RunQueue(project.path);
    next.resume(runId);
    await next.idle();
    await next.dispose();
    const figures = (run: Run) =>
      evaluationsOf(run).map(({ score, deviation, ceiling, chance }) => ({
        score,
        deviation,
        ceiling,
        chance,
      }));
    const resumed = readRun(project.folder.connection, runId);
    expect(resumed.error).toBe(null);
    expect(figures(resumed)).toEqual(figures(first));
  }, 120_000);
});
