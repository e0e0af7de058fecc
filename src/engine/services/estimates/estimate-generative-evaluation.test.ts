import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeGenerativeProject, type GenerativeProject } from '../../../../testing/generative-project.ts';
import { RunRequest } from '../../../contract/runs-service.ts';
import { defineEach } from '../../grouping/define-groups.ts';
import { estimateRun } from '../estimate-run.ts';

let project: GenerativeProject;

/** The model's own training took a hundred seconds. */
beforeAll(async () => {
  project = await makeGenerativeProject({ train: 12, test: 4, classCount: 2, queries: 3 });
  defineEach(project.folder.connection, { by: 'class', folderDepth: null });
  project.folder.connection
    .prepare(`UPDATE runs SET startedAt = ?, finishedAt = ? WHERE kind = 'train-denoiser'`)
    .run('2026-01-01T00:00:00Z', '2026-01-01T00:01:40Z');
}, 60_000);
afterAll(() => project.remove());

const seconds = async (kind: string, config: object) =>
  (await estimateRun(project.folder.connection, RunRequest.parse({ kind, config }), () => 1e12)).seconds;

describe('the estimate of an evaluation of a generative model', () => {
  it('is its trainings, which take as long as the model’s own whatever they learn from', async () => {
    const lds = { subsets: 10, repeats: 3, share: 0.25 };
    expect(await seconds('evaluate-generative-lds', lds)).toBeCloseTo(10 * 3 * 100, 3);
    expect(await seconds('evaluate-groups', { repeats: 2 })).toBeCloseTo(2 * 2 * 100, 3);
  });

  it('counts each way to choose what is removed, random among them, for each image that there is', async () => {
    const config = { methods: ['d-trak', 'trak'] };
    expect(await seconds('evaluate-counterfactual', config)).toBeCloseTo(3 * 3 * 100, 3);
    expect(await seconds('evaluate-counterfactual', { ...config, queryCount: 2 })).toBeCloseTo(
      3 * 2 * 100,
      3,
    );
    const named = { methods: ['random'], queries: [1] };
    expect(await seconds('evaluate-counterfactual', named)).toBeCloseTo(100, 3);
  });
});
