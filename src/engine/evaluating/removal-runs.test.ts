import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeTrainedProject, type TrainedProject } from '../../../testing/trained-project.ts';
import type { Evaluation } from '../../contract/evaluations-service.ts';
import type { Run } from '../../contract/runs-service.ts';
import { listEvaluations } from '../storage/evaluations.ts';

let project: TrainedProject;

beforeAll(async () => {
  project = await makeTrainedProject({
    train: 60,
    test: 24,
    classCount: 3,
    // So many wrong labels that right answers rest on narrow majorities.
    flippedShare: 0.35,
    // Small steps over all images: nearly the optimum, so that one image's effect is not lost in the order of the others.
    config: {
      architecture: 'linear',
      epochs: 60,
      batchSize: 64,
      learningRate: 0.02,
      momentum: 0,
      schedule: 'constant',
      weightDecay: 0.01,
      validationShare: 0,
    },
  });
}, 120_000);
afterAll(() => project.remove());

function evaluationOf(run: Run): Evaluation {
  expect(run.error).toBe(null);
  return listEvaluations(project.folder.connection, null).find(({ runId }) => runId === run.id)!;
}

describe('a run that leaves single images out', () => {
  it('finds that influence foresees a convex model', async () => {
    const config = { method: 'grad-dot', projection: 'none', removals: 20, queryCount: 12, measured: 'loss' };
    const { score, chance, figures } = evaluationOf(await project.run({ kind: 'evaluate-loo', config }));
    expect(score).toBeGreaterThan(0.6);
    expect(score).toBeGreaterThan(chance!.mean + 3 * chance!.deviation);
    expect(figures).toMatchObject({ removals: 20, queries: 12, 'constant queries': 0 });
  });
});

describe('a run that removes proponents', () => {
  it('flips more predictions than removing as many images at random, and more the more are removed', async () => {
    const config = { method: 'grad-dot', projectionSize: 128, removals: [26, 4, 500], queryCount: 8 };
    const run = await project.run({ kind: 'evaluate-brittleness', config });
    const { score, chance, curves, figures } = evaluationOf(run);
    const [strongest, random] = curves;
    expect(strongest!.points.map(({ x }) => x)).toEqual([4, 26]);
    expect(random!.points.map(({ x }) => x)).toEqual([0, 4, 26]);
    expect(strongest!.points[1]!.y).toBeGreaterThanOrEqual(strongest!.points[0]!.y);
    expect(score).toBeGreaterThan(chance!.mean + 0.3);
    // Training again on everything is the model itself, which is right about all of them.
    expect(figures).toMatchObject({ queries: 8, removed: 26, 'flipped by training again': 0 });
  });
});
