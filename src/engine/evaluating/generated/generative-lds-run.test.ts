import { readdirSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeGenerativeProject, type GenerativeProject } from '../../../../testing/generative-project.ts';
import { DiffusionChoices } from '../../../contract/generation-configs.ts';
import { RunRequest, type Run } from '../../../contract/runs-service.ts';
import { RunQueue } from '../../runs/run-queue.ts';
import { listEvaluations } from '../../storage/evaluations.ts';
import { readRun } from '../../storage/runs.ts';
import { diffusionValidityOf } from '../validity.ts';

let project: GenerativeProject;
let first: Run;

const config = {
  provider: 'cpu',
  subsets: 6,
  repeats: 2,
  measuredTimesteps: 5,
  timestepCount: 2,
  projectionSize: 64,
  tuningShare: 0.5,
  dampings: [0.01, 1],
};

const evaluationsOf = (run: Run) =>
  listEvaluations(project.folder.connection, null).filter((evaluation) => evaluation.runId === run.id);
const figuresOf = (run: Run) =>
  evaluationsOf(run).map(({ title, score, deviation, ceiling, chance }) => ({
    ...{ title, score, deviation, ceiling, chance },
  }));
const keptPath = (): string => join(project.folder.cachePath, 'retrainings');
/** Names and times: what was made anew shows. */
const kept = () =>
  readdirSync(keptPath()).map((name) => [name, statSync(join(keptPath(), name)).mtimeMs] as const);

beforeAll(async () => {
  project = await makeGenerativeProject({ train: 24, test: 4, classCount: 2, queries: 6 });
  first = await project.run({ kind: 'evaluate-generative-lds', config });
}, 120_000);
afterAll(() => project.remove());

describe('a run that measures the linear datamodeling score of a generative model', () => {
  it('judges the method, the same with its damping tuned, and both similarities', () => {
    expect(first.error).toBe(null);
    const evaluations = evaluationsOf(first);
    expect(evaluations.map(({ diffusionChoices }) => diffusionChoices?.method)).toEqual([
      'd-trak',
      'd-trak',
      'embedding-cos',
      'pixel-cos',
    ]);
    for (const { kind, choices, score, deviation, ceiling, chance } of evaluations) {
      expect([kind, choices]).toEqual(['lds', null]);
      expect(Math.abs(score)).toBeLessThanOrEqual(1);
      expect(deviation).toBeGreaterThanOrEqual(0);
      expect(ceiling).toBeGreaterThanOrEqual(0);
      expect(ceiling).toBeLessThanOrEqual(1);
      expect(Math.abs(chance!.mean)).toBeLessThan(0.5);
    }
    const [given, , embedding, pixels] = evaluations;
    expect(given!.figures).toMatchObject({ subsets: 6, repeats: 2, share: 0.5 });
    const strongest = Math.max(embedding!.score, pixels!.score);
    expect(given!.figures['similarity score']).toBe(strongest);
    expect(given!.figures['lead over similarity']).toBeCloseTo(given!.score - strongest, 12);
    expect(embedding!.figures['similarity score']).toBeUndefined();
  });

  it('tunes the damping on queries that it does not report on', () => {
    const [given, tuned] = evaluationsOf(first);
    expect(given!.figures).toMatchObject({ queries: 3, 'queries that chose the damping': 3 });
    const { points } = tuned!.curves[0]!;
    expect(points.map(({ x }) => x)).toEqual(config.dampings);
    const best = points.reduce((left, right) => (right.y > left.y ? right : left));
    expect(tuned!.diffusionChoices!.relativeDamping).toBe(best.x);
  });

  it('measures the same again, and another method, without training anew', async () => {
    const before = kept();
    expect(before).toHaveLength(6 * 2);
    const again = await project.run({ kind: 'evaluate-generative-lds', config });
    expect(figuresOf(again)).toEqual(figuresOf(first));
    const other = await project.run({
      kind: 'evaluate-generative-lds',
      config: { ...config, method: 'pixel-cos' },
    });
    expect(other.error).toBe(null);
    expect(kept()).toEqual(before);
    // It has no damping, and is one of the similarities itself.
    expect(figuresOf(other).map(({ title, score }) => [title, score])).toEqual(
      [3, 2].map((place) => [figuresOf(first)[place]!.title, figuresOf(first)[place]!.score]),
    );
  });

  it('has no ceiling where nothing is repeated', async () => {
    const once = await project.run({
      kind: 'evaluate-generative-lds',
      config: { ...config, method: 'pixel-cos', repeats: 1 },
    });
    expect(evaluationsOf(once)[0]!.ceiling).toBe(null);
  });

  it('lets attributions that were made alike say what was measured', () => {
    const evaluations = listEvaluations(project.folder.connection, null);
    const asked = DiffusionChoices.parse({ timestepCount: 2, projectionSize: 64, seed: 4 });
    const validity = diffusionValidityOf(asked, evaluations);
    expect(validity.standing).not.toBe('not-evaluated');
    expect(evaluations.find(({ id }) => id === validity.evaluationId)!.diffusionChoices!.method).toBe(
      'd-trak',
    );
    expect(diffusionValidityOf({ ...asked, timestepCount: 3 }, evaluations).standing).toBe('not-evaluated');
    expect(diffusionValidityOf({ ...asked, method: 'das' }, evaluations).standing).toBe('not-evaluated');
  });

  it('that was interrupted goes on where it was and ends in the same figures', async () => {
    rmSync(keptPath(), { recursive: true });
    const queue = new RunQueue(project.path);
    const reached = new Promise<void>((settle) =>
      queue.onProgress(({ stage }) => {
        if (Number(/^Training subset (\d+)/.exec(stage)?.[1] ?? 0) >= 3) settle();
      }),
    );
    const runId = queue.start(RunRequest.parse({ kind: 'evaluate-generative-lds', config }));
    await Promise.race([reached, queue.idle()]);
    await queue.dispose();
    expect(readRun(project.folder.connection, runId).status).toBe('interrupted');
    const early = kept().filter(([name]) => name.endsWith('.f64'));
    expect(early.length).toBeGreaterThanOrEqual(4);
    expect(early.length).toBeLessThan(12);
    const next = new RunQueue(project.path);
    next.resume(runId);
    await next.idle();
    await next.dispose();
    const resumed = readRun(project.folder.connection, runId);
    expect(resumed.error).toBe(null);
    expect(kept()).toEqual(expect.arrayContaining(early));
    expect(kept()).toHaveLength(12);
    expect(figuresOf(resumed)).toEqual(figuresOf(first));
  }, 120_000);
});
