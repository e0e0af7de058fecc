import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeGenerativeProject, type GenerativeProject } from '../../../../testing/generative-project.ts';
import { EvaluateCounterfactualConfig } from '../../../contract/generation-evaluation-configs.ts';
import type { Run, RunPlan } from '../../../contract/runs-service.ts';
import { addQueryFiles, forgetQueries } from '../../generating/query-files.ts';
import { listEvaluations } from '../../storage/evaluations.ts';
import { insertRun } from '../../storage/runs.ts';
import { withGenerativeEvaluation } from './generative-work.ts';
import { chooseRemovals, largestClassShare } from './removal-choices.ts';
import { madeImages, makeAgain, movementsOf, remakeWithout } from './remade-images.ts';

let project: GenerativeProject;
let first: Run;

const config = {
  ...{ queryCount: 3, timestepCount: 2, projectionSize: 64, provider: 'cpu' },
  methods: ['d-trak', 'pixel-cos'],
};

const evaluationsOf = (run: Run) =>
  listEvaluations(project.folder.connection, null).filter((evaluation) => evaluation.runId === run.id);
const kept = () => {
  const path = join(project.folder.cachePath, 'retrainings');
  return readdirSync(path).map((name) => [name, statSync(join(path, name)).mtimeMs] as const);
};

beforeAll(async () => {
  project = await makeGenerativeProject({ train: 24, test: 4, classCount: 2, queries: 5 });
  first = await project.run({ kind: 'evaluate-counterfactual', config });
}, 120_000);
afterAll(() => project.remove());

describe('a run that makes images again without what is said to be behind them', () => {
  it('compares every way to choose with random, image by image', () => {
    expect(first.error).toBe(null);
    const evaluations = evaluationsOf(first);
    expect(evaluations.map(({ diffusionChoices }) => diffusionChoices?.method ?? null)).toEqual([
      'd-trak',
      'pixel-cos',
      null,
    ]);
    const random = evaluations[2]!;
    expect([random.title, random.chance, random.ceiling]).toEqual(['Random', null, null]);
    for (const { kind, score, deviation, figures, curves } of evaluations) {
      expect(kind).toBe('counterfactual');
      expect(score).toBeGreaterThan(0);
      expect(deviation).toBeGreaterThanOrEqual(0);
      expect(figures).toMatchObject({ queries: 3, 'removed images': 5, share: 0.2 });
      // Five images of two classes: three of them are of one.
      expect(figures['largest class among them']).toBeGreaterThanOrEqual(3 / 5);
      expect(figures['largest class among them']).toBeLessThanOrEqual(1);
      expect(Math.abs(figures['cosine']!)).toBeLessThanOrEqual(1 + 1e-6);
      expect(curves.map(({ points }) => points.length)).toEqual([3, 3]);
      const distances = curves[0]!.points.map(({ y }) => y).sort((a, b) => a - b);
      expect(score).toBe(distances[1]);
    }
    for (const { chance, figures } of evaluations.slice(0, 2)) {
      expect(chance!.mean).toBe(random.score);
      expect(figures['sign test p']).toBeGreaterThan(0);
      expect(figures['sign test p']).toBeLessThanOrEqual(1);
      expect(figures['images further than random']).toBeLessThanOrEqual(3);
    }
  });

  it('does not train again what was trained before', async () => {
    const before = kept();
    expect(before).toHaveLength(3 * 3);
    const again = await project.run({ kind: 'evaluate-counterfactual', config });
    expect(kept()).toEqual(before);
    const told = (run: Run) =>
      evaluationsOf(run).map(({ title, score, figures }) => ({ title, score, figures }));
    expect(told(again)).toEqual(told(first));
  });

  it('refuses images that the model did not make', async () => {
    const { folder, sourcePath } = project;
    const [split] = readdirSync(join(sourcePath, 'test'));
    const [file] = readdirSync(join(sourcePath, 'test', split!));
    const { added } = await addQueryFiles(folder, [join(sourcePath, 'test', split!, file!)]);
    const run = await project.run({ kind: 'evaluate-counterfactual', config: { ...config, queries: added } });
    expect(run.error?.code).toBe('method-needs-generated');
  });
});

describe('the largest class among removed images', () => {
  it('is averaged over the queries', () => {
    const labels = [7, 7, 7, 9, null];
    const model = {
      learned: labels.map((_, row) => ({ row })),
      samples: labels.map((label) => ({ label })),
    } as unknown as Parameters<typeof largestClassShare>[0];
    const removed = [Int32Array.of(0, 1, 3, 4), Int32Array.of(0, 1, 2)];
    expect(largestClassShare(model, removed)).toBe((1 / 2 + 1) / 2);
  });
});

describe('what a counterfactual is made of', () => {
  /** Does `look` with what the run has in hand. */
  const within = async (look: Parameters<typeof withGenerativeEvaluation>[4]): Promise<void> => {
    const { folder, tools } = project;
    const plan: RunPlan = {
      kind: 'evaluate-counterfactual',
      config: EvaluateCounterfactualConfig.parse(config),
    };
    const context = {
      runId: insertRun(folder.connection, plan, {}),
      signal: new AbortController().signal,
      progress: () => undefined,
    };
    await withGenerativeEvaluation(folder, { modelId: null, queries: [] }, context, tools, look);
  };

  it('gives the same image again where nothing is removed', () =>
    within(async (work) => {
      const [made] = await madeImages(work, work.queries.slice(0, 1));
      const original = await makeAgain(work, made!, work.model.average);
      const remade = await remakeWithout(work, made!, new Int32Array(0), () => undefined);
      expect(remade).toEqual(original);
      const [movement] = await movementsOf(work, 0, [{ made: made!, original, remade }]);
      expect(movement!.distance).toBe(0);
      expect(movement!.cosine).toBeCloseTo(1, 6);
      return {};
    }));

  it('removes first, by pixels, the image that the query is a copy of', async () => {
    const { folder, sourcePath } = project;
    const [split] = readdirSync(join(sourcePath, 'train'));
    const [file] = readdirSync(join(sourcePath, 'train', split!));
    const { added } = await addQueryFiles(folder, [join(sourcePath, 'train', split!, file!)]);
    await within(async (work) => {
      const copy = work.queries.filter(({ id }) => added.includes(id));
      const one = EvaluateCounterfactualConfig.parse({ ...config, share: 0.005 });
      const { removed } = await chooseRemovals(work, one, 'pixel-cos', copy, work.context);
      const { model } = work;
      expect(removed.map((places) => model.samples[model.learned[places[0]!]!.row]!.sha256)).toEqual([
        copy[0]!.sha256,
      ]);
      return {};
    });
    forgetQueries(folder, added);
  });
});
