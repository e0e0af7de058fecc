import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeGenerativeProject, type GenerativeProject } from '../../../../testing/generative-project.ts';
import { groupMetricNames } from '../../../contract/evaluation-words.ts';
import type { Run } from '../../../contract/runs-service.ts';
import { defineEach } from '../../grouping/define-groups.ts';
import { listEvaluations } from '../../storage/evaluations.ts';

let project: GenerativeProject;
let first: Run;

const config = {
  provider: 'cpu',
  methods: ['guda', 'd-trak-sum', 'pixel-mean'],
  repeats: 2,
  timestepCount: 4,
  steps: 3,
  batchSize: 4,
  neighbours: 3,
};

const evaluationsOf = (run: Run) =>
  listEvaluations(project.folder.connection, null).filter((evaluation) => evaluation.runId === run.id);
const kept = () => {
  const path = join(project.folder.cachePath, 'altered');
  return readdirSync(path).map((name) => [name, statSync(join(path, name)).mtimeMs] as const);
};

beforeAll(async () => {
  project = await makeGenerativeProject({ train: 24, test: 4, classCount: 3, queries: 5 });
  defineEach(project.folder.connection, { by: 'class', folderDepth: null });
  first = await project.run({ kind: 'evaluate-groups', config });
}, 120_000);
afterAll(() => project.remove());

describe('a run that measures how well groups are ranked', () => {
  it('judges every way by every metric, beside chance and what another training reaches', () => {
    expect(first.error).toBe(null);
    const evaluations = evaluationsOf(first);
    expect(evaluations.map(({ kind, title }) => [kind, title])).toEqual([
      ['groups', 'GUDA (unlearning)'],
      ['groups', 'D-TRAK, summed'],
      ['groups', 'Pixel similarity'],
    ]);
    for (const { score, deviation, ceiling, chance, figures, cost } of evaluations) {
      expect(figures).toMatchObject({ groups: 3, queries: 5, repeats: 2 });
      for (const name of groupMetricNames) {
        const [least, value] = [name === 'Spearman' ? -1 : 0, figures[name]!];
        expect(value).toBeGreaterThanOrEqual(least);
        expect(value).toBeLessThanOrEqual(1);
        expect(figures[`${name} ±`]).toBeGreaterThanOrEqual(0);
        expect(figures[`${name} ceiling`]).toBeLessThanOrEqual(1);
      }
      expect([score, deviation, ceiling]).toEqual(
        ['', ' ±', ' ceiling'].map((suffix) => figures[`Top-1${suffix}`]),
      );
      // Guessing among three groups.
      expect(chance!.mean).toBeCloseTo(1 / 3, 12);
      expect(chance!.deviation).toBeCloseTo(Math.sqrt(2 / 9 / 5), 12);
      expect(figures['MRR by chance']).toBeCloseTo((1 + 1 / 2 + 1 / 3) / 3, 12);
      expect(figures['seconds']).toBeGreaterThan(0);
      expect(cost).not.toBe(null);
    }
  });

  it('takes the trainings of before, and knows what they took', async () => {
    const before = kept();
    // The model itself and three groups twice; the model itself and three groups unlearned.
    expect(before).toHaveLength(1 + 3 * 2 + 1 + 3);
    const again = await project.run({ kind: 'evaluate-groups', config });
    expect(again.error).toBe(null);
    expect(kept()).toEqual(before);
    const told = (run: Run) =>
      evaluationsOf(run).map(({ title, score, figures }) => ({
        ...{ title, score },
        training: figures['seconds of training without each group'],
        metrics: groupMetricNames.map((name) => figures[name]),
      }));
    expect(told(again)).toEqual(told(first));
    const [guda, againGuda] = [evaluationsOf(first)[0]!, evaluationsOf(again)[0]!];
    expect(againGuda.figures['seconds']).toBe(guda.figures['seconds']);
  });

  it('shares its truth with an attribution by training without each group', async () => {
    const before = kept();
    const { repeats, timestepCount } = config;
    const logo = { provider: 'cpu', method: 'logo', repeats, timestepCount, controls: 0 };
    const run = await project.run({ kind: 'attribute-groups', config: logo });
    expect(run.error).toBe(null);
    expect(kept()).toEqual(before);
  });

  it('wants two groups at least', async () => {
    const run = await project.run({ kind: 'evaluate-groups', config: { ...config, groups: [1] } });
    expect(run.error?.code).toBe('groups-missing');
  });
});
