import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { makeTrainedProject, type TrainedProject } from '../../../testing/trained-project.ts';
import type { Run } from '../../contract/runs-service.ts';
import { listEvaluations } from '../storage/evaluations.ts';

let project: TrainedProject;
const config = { method: 'grad-cos', projectionSize: 64, share: 0.15 } as const;

beforeAll(async () => {
  project = await makeTrainedProject({
    train: 90,
    test: 0,
    classCount: 3,
    config: { architecture: 'mlp', epochs: 8, batchSize: 8, folds: 2, validationShare: 0 },
  });
}, 120_000);
afterAll(() => project.remove());

const evaluationsOf = (run: Run) =>
  listEvaluations(project.folder.connection, null).filter((evaluation) => evaluation.runId === run.id);

describe('a run that plants label errors', () => {
  it('measures every signal and their combination, which finds them; those that know nothing stay at ½', async () => {
    const run = await project.run({ kind: 'evaluate-mislabel-auc', config });
    expect(run.error).toBe(null);
    const found = evaluationsOf(run);
    expect(found).toHaveLength(11);
    const [combined] = found;
    expect(combined!.score).toBeGreaterThan(0.9);
    expect(combined!.figures).toMatchObject({ images: 90, planted: 14 });
    expect(combined!.figures['found after 20 %']).toBeGreaterThan(0.7);
    expect(combined!.curves[0]!.points.at(-1)).toMatchObject({ x: 1, y: 1 });
    // METHODS 23: every gradient is as long as itself, and its cosine with itself is one but for the last digits.
    const selfInfluence = found.find(({ choices }) => choices !== null)!;
    expect(selfInfluence.choices!.method).toBe('grad-cos');
    expect(Math.abs(selfInfluence.score - 0.5)).toBeLessThan(3 * selfInfluence.chance!.deviation);
    expect(existsSync(join(project.folder.cachePath, 'planted'))).toBe(true);
    expect(readdirSync(join(project.folder.cachePath, 'planted'))).toEqual([]);
  });

  it('plants along the model’s confusions, and refuses attributions that need checkpoints', async () => {
    const run = await project.run({
      kind: 'evaluate-mislabel-auc',
      config: { ...config, noise: 'class-dependent' },
    });
    expect(run.error).toBe(null);
    expect(evaluationsOf(run)[0]!.score).toBeGreaterThan(0.8);
    const refused = await project.run({
      kind: 'evaluate-mislabel-auc',
      config: { ...config, method: 'tracin' },
    });
    expect(refused.error?.code).toBe('usage-invalid');
  });
});
