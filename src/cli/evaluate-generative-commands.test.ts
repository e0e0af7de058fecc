import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runWords, useHome } from '../../testing/command-line.ts';
import { makeGenerativeProject, type GenerativeProject } from '../../testing/generative-project.ts';
import type { Evaluation } from '../contract/evaluations-service.ts';
import type { Run } from '../contract/runs-service.ts';
import { defineEach } from '../engine/grouping/define-groups.ts';

let project: GenerativeProject;
let leaveHome: () => void;
const quick = ['--provider', 'cpu', '--timestep-count', '2', '--seed', '1'];

beforeAll(async () => {
  project = await makeGenerativeProject({ train: 20, test: 4, classCount: 2, queries: 4 });
  defineEach(project.folder.connection, { by: 'class', folderDepth: null });
  leaveHome = useHome(path.join(project.path, '..', 'home'));
}, 120_000);
afterAll(() => {
  leaveHome();
  project.remove();
});

const whence = (...words: string[]) => runWords([...words, '--project', project.path]);

describe('whence evaluate, of a model that makes images', () => {
  it('measures subsets where the model is one, and says so with the images', async () => {
    const words = ['evaluate', 'lds', '--subsets', '4', '--measured-timesteps', '3', '--dampings', '0.1,10'];
    const { code, out, err } = await whence(...words, '--projection-size', '64', ...quick, '--json');
    expect(code, err).toBe(0);
    const { run, evaluations } = JSON.parse(out) as { run: Run; evaluations: Evaluation[] };
    expect(run.kind).toBe('evaluate-generative-lds');
    expect(evaluations.map(({ diffusionChoices }) => diffusionChoices!.method)).toEqual([
      'd-trak',
      'd-trak',
      'embedding-cos',
      'pixel-cos',
    ]);
    const attributed = await whence('attribute', '--projection-size', '64', ...quick);
    expect(attributed.code, attributed.err).toBe(0);
    const shown = await whence('queries', 'show', String(project.queryIds[0]));
    expect(shown.out).toContain(evaluations[0]!.score.toFixed(2).replace('-', '\u2212'));
  });

  it('refuses options that mean nothing for such a model', async () => {
    const { code, err } = await whence('evaluate', 'lds', '--query-count', '5');
    expect(code).not.toBe(0);
    expect(err).toContain('--query-count means nothing for a model that makes images');
  });

  it('compares rankings of groups by every metric', async () => {
    const words = ['evaluate', 'groups', '--methods', 'ascent,pixel-mean', '--repeats', '2', '--steps', '2'];
    const { code, out, err } = await whence(...words, ...quick);
    expect(code, err).toBe(0);
    expect(out).toMatch(/Gradient ascent[\s\S]*Pixel similarity/);
    expect(out).toMatch(/what +Top-1 +MRR +NDCG@3 +WPRA +Spearman +RBO/);
    expect(out).toMatch(/\nchance +0\.500 +0\.750/);
    expect(out).toContain('\nceiling ');
    expect((await whence('evaluations', '--kind', 'groups')).out).toContain('Gradient ascent');
  });

  it('makes images again and compares with random', async () => {
    const words = ['evaluate', 'counterfactual', '--methods', 'pixel-cos', '--query-count', '2'];
    const { code, out, err } = await whence(...words, ...quick);
    expect(code, err).toBe(0);
    expect(out).toMatch(/Pixels \(cosine\).* of 2 /);
    expect(out).toMatch(/Random: distance by query\n/);
  });
});
