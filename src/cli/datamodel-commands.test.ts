import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readAnswer, runWords, useHome } from '../../testing/command-line.ts';
import { writeShapeFolder } from '../../testing/write-shape-folder.ts';
import type { DatamodelAnswer, Synset } from '../contract/datamodels-service.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'whence-ddm-'));
const source = path.join(folder, 'shapes');
const project = path.join(folder, 'shapes.whence');
let leaveHome: () => void;

const whence = (...words: string[]) => runWords([...words, '--project', project]);

const answer = (...words: string[]) => readAnswer(whence(...words, '--json'));

beforeAll(async () => {
  leaveHome = useHome(path.join(folder, 'home'));
  await writeShapeFolder(path.join(source, 'train'), {
    ...{ count: 60, classCount: 3, size: 12, seed: 1, flippedShare: 0 },
  });
  await writeShapeFolder(path.join(source, 'test'), {
    ...{ count: 30, classCount: 3, size: 12, seed: 2, flippedShare: 0 },
  });
  await answer('import', source);
  await answer('train', '--architecture', 'mlp', '--epochs', '6', '--folds', '0', '--validation-share', '0');
  await answer('ddm', 'distill', '--clusters-per-class', '2', '--checkpoints', '2', '--iterations', '40');
}, 60_000);
afterAll(() => {
  leaveHome();
  rmSync(folder, { recursive: true });
});

describe('distilled datamodels on the command line', () => {
  it('are distilled: gradients match better than those of the real images they start from', async () => {
    const { synsets } = (await answer('ddm', 'list')) as { synsets: Synset[] };
    expect(synsets).toMatchObject([{ id: 1, clusterCount: 6, sampleCount: 60 }]);
    expect(synsets[0]!.matched).toHaveLength(2);
    for (const { before, after } of synsets[0]!.matched) expect(after).toBeLessThan(before);
  });

  it('say what leaving out each class does: its own images suffer most', async () => {
    const { answer: said } = (await answer('ddm', 'query', '--masks', 'classes', '--steps', '20')) as {
      answer: DatamodelAnswer;
    };
    expect(said.controlAccuracy).toBe(said.modelAccuracy);
    expect(said.effects).toHaveLength(3);
    for (const { classId, classes, removed } of said.effects) {
      expect(removed).toBe(20);
      const own = classes.find((one) => one.classId === classId)!;
      const others = classes.filter((one) => one.classId !== classId);
      expect(own.lossChange).toBeGreaterThan(Math.max(...others.map(({ lossChange }) => lossChange)));
    }
  });

  it('refuse what they cannot answer, and say why', async () => {
    const nothing = await whence('ddm', 'query', '--masks', 'groups');
    expect(nothing).toMatchObject({ code: 1 });
    expect(nothing.err).toContain('There are no groups');
    expect((await whence('ddm', 'query', '--synset-id', '9')).err).toContain('There is no synset 9');
  });

  it('are judged by leaving clusters out in earnest', async () => {
    const asked = ['--removals', '3', '--repeats', '2', '--method', 'grad-dot', '--steps', '5'];
    const { evaluations } = (await answer('evaluate', 'ddm', ...asked)) as {
      evaluations: { title: string; kind: string; score: number; figures: Record<string, number> }[];
    };
    expect(evaluations.map(({ title }) => title)).toEqual([
      'Distilled datamodel (reconstructed)',
      'Grad-Dot, fold 1024, sum',
      'Grad-Dot, fold 1024, mean',
      'Embeddings (cosine), mean',
      'Going on without the real images',
    ]);
    for (const { kind, score, figures } of evaluations) {
      expect(kind).toBe('ddm');
      expect(Math.abs(score)).toBeLessThanOrEqual(1);
      expect(figures).toMatchObject({ clusters: 3, repeats: 2, queries: 30 });
    }
  });
});
