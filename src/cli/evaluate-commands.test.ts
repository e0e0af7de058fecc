import { rmSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runWords, useHome } from '../../testing/command-line.ts';
import { makeTrainedProject, type TrainedProject } from '../../testing/trained-project.ts';
import type { Evaluation } from '../contract/evaluations-service.ts';

let project: TrainedProject;
let leaveHome: () => void;

beforeAll(async () => {
  project = await makeTrainedProject({
    train: 36,
    test: 12,
    classCount: 2,
    config: { architecture: 'linear', epochs: 3, batchSize: 16, validationShare: 0 },
  });
  leaveHome = useHome(path.join(project.path, '..', 'home'));
}, 60_000);
afterAll(() => {
  leaveHome();
  project.remove();
  rmSync(path.join(project.path, '..', 'home'), { recursive: true, force: true });
});

const whence = (...words: string[]) => runWords([...words, '--project', project.path]);

describe('whence evaluate', () => {
  it('measures subsets, answers the scores with their ceiling, and keeps them for the list', async () => {
    const words = ['evaluate', 'lds', '--method', 'grad-dot', '--subsets', '8', '--query-count', '8'];
    const { code, out, err } = await whence(...words, '--projection-size', '64', '--json');
    expect(code, err).toBe(0);
    const { evaluations } = JSON.parse(out) as { evaluations: Evaluation[] };
    expect(evaluations.map(({ kind, figures }) => [kind, figures['subsets']])).toEqual([
      ['lds', 8],
      ['lds', 8],
    ]);
    const listed = await whence('evaluations', '--kind', 'lds', '--json');
    expect((JSON.parse(listed.out) as { evaluations: unknown }).evaluations).toEqual(evaluations);
    const table = await whence('evaluations');
    expect(table.out).toContain('Grad-Dot');
    expect(table.out).toContain(evaluations[0]!.ceiling!.toFixed(3));
    expect((await whence('evaluations', '--kind', 'selection')).out).toContain('Nothing');
  });

  it('refuses what cannot be measured and says what can', async () => {
    const { code, err } = await whence('evaluate', 'lds', '--subsets', '2');
    expect(code).toBe(2);
    expect(err).toContain('subsets');
    const many = await whence('evaluate', 'brittleness', '--removals', '5000');
    expect(many.code).toBe(1);
    expect(many.err).toContain('At most half of the 36 images');
  });
});
