import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { broughtModel } from '../../testing/brought-model.ts';
import { readAnswer, runWords, useHome } from '../../testing/command-line.ts';
import { writeShapeFolder } from '../../testing/write-shape-folder.ts';
import type { DatamodelAnswer, Synset } from '../contract/datamodels-service.ts';
import { writeModel } from '../core/onnx/write-model.ts';

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
}, 120_000);
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

  it('are had of a classifier that was brought as an ONNX file, from the state that it is in', async () => {
    const file = path.join(folder, 'brought.onnx');
    writeFileSync(file, writeModel(broughtModel({ size: 12 })));
    const { run } = (await answer('model', 'add', file, '--pixels', 'unit')) as {
      run: { summary: { modelId: number } };
    };
    const { modelId } = run.summary;
    const ofModel = ['--model-id', String(modelId)];
    const distilled = await whence('ddm', 'distill', ...ofModel, '--clusters-per-class', '2');
    expect(distilled).toMatchObject({ code: 0 });
    const { synsets } = (await answer('ddm', 'list')) as { synsets: Synset[] };
    const [synset] = synsets.filter((each) => each.modelId === modelId);
    expect(synset).toMatchObject({ clusterCount: 6, sampleCount: 60 });
    expect(synset!.matched).toHaveLength(1);
    expect(synset!.matched[0]!.after).toBeLessThan(synset!.matched[0]!.before);
    const { answer: said } = (await answer('ddm', 'query', ...ofModel, '--masks', 'classes')) as {
      answer: DatamodelAnswer;
    };
    expect(said.controlAccuracy).toBe(said.modelAccuracy);
    for (const { classId, classes } of said.effects)
      expect(classes.find((one) => one.classId === classId)!.lossChange).toBeGreaterThan(0);
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
