import { copyFileSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readAnswer, runWords, useHome } from '../../testing/command-line.ts';
import { makeShapesProject, type ShapesProject } from '../../testing/shapes-project.ts';
import type { GroupAttribution, GroupPreview } from '../contract/groups-service.ts';
import type { QueryImage, QueryInfluence } from '../contract/queries-service.ts';
import type { Run } from '../contract/runs-service.ts';

let project: ShapesProject;
let leaveHome: () => void;

beforeAll(async () => {
  project = await makeShapesProject({ train: 16, test: 4, classCount: 2, size: 8 });
  leaveHome = useHome(path.join(project.path, '..', 'home'));
}, 60_000);
afterAll(() => {
  leaveHome();
  project.remove();
});

const whence = (...words: string[]) => runWords([...words, '--project', project.path]);

/** The answer as a document. */
const ask = <Answer>(...words: string[]) => readAnswer<Answer>(whence(...words, '--json'));

const words = (text: string): string[] => text.split(' ');
const besidesProject = (name: string): string => path.join(project.path, '..', name);

describe('whence train', () => {
  it('with a ddpm architecture trains a model that makes images', async () => {
    const { run } = await ask<{ run: Run }>(
      ...words('train --architecture ddpm-tiny --steps 10 --batch-size 8 --timesteps 50 --conditional'),
    );
    expect(run).toMatchObject({ kind: 'train-denoiser', summary: { trainCount: 16, imageSize: 8 } });
  });

  it('of a classifier takes its own defaults, and those of fine-tuning only where it goes on from a model', async () => {
    const { run } = await ask<{ run: Run }>(...words('train --architecture linear --folds 0'));
    expect(run.config).toMatchObject({ epochs: 12, learningRate: 0.05 });
    const tuned = await ask<{ run: Run }>(...words('train --from 2 --folds 0'));
    expect(tuned.run.config).toMatchObject({ epochs: 6, learningRate: 0.005 });
  });

  it.each([
    ['--architecture ddpm-tiny --epochs 3', '--epochs means nothing for a model that makes images'],
    ['--architecture ddpm-tiny --folds 2', '--folds means nothing for a model that makes images'],
    ['--architecture linear --steps 3', '--steps means nothing for a classifier'],
    ['--architecture linear --conditional', '--conditional means nothing for a classifier'],
  ])('refuses %s', async (options, reason) => {
    const { code, err } = await whence('train', ...words(options));
    expect(code).toBe(2);
    expect(err).toContain(reason);
  });
});

describe('whence sample and whence queries', () => {
  it('make images, add files, list all of them, and name what cannot be read', async () => {
    expect((await whence('queries', 'list')).out).toContain('no query images yet');
    await ask(...words('sample --count 3 --steps 4 --seed 5'));
    const [file, broken] = [besidesProject('asked.png'), besidesProject('broken.png')];
    copyFileSync(path.join(project.sourcePath, 'train/bar-0/0000.png'), file);
    writeFileSync(broken, 'no image');
    const { added, problems } = await ask<{ added: number[]; problems: { path: string }[] }>(
      ...['queries', 'add', file, broken],
    );
    expect(added).toEqual([4]);
    expect(problems.map((problem) => problem.path)).toEqual([broken]);
    const { queries } = await ask<{ queries: QueryImage[] }>('queries', 'list');
    expect(queries.map(({ id, origin }) => [id, origin])).toEqual([
      ...[[4, 'file'], ...[3, 2, 1].map((id) => [id, 'generated'])],
    ]);
    expect((await whence('queries', 'list')).out).toContain('asked.png');
  });

  it('keep what an image from a file is said to be made under, and no other', async () => {
    await ask('queries', 'tell', '4', '--class', 'bar-1', '--prompt', 'a bar');
    const { queries } = await ask<{ queries: QueryImage[] }>('queries', 'list');
    expect(queries[0]).toMatchObject({ id: 4, generation: { prompt: 'a bar' } });
    expect(queries[0]!.classId).not.toBeNull();
    await ask('queries', 'tell', '4');
    const { queries: after } = await ask<{ queries: QueryImage[] }>('queries', 'list');
    expect(after[0]).toMatchObject({ id: 4, classId: null, generation: {} });
    expect((await whence('queries', 'tell', '4', '1', '--prompt', 'x')).err).toContain('was made here');
    expect((await whence('queries', 'tell', '4', '--class', 'bar-9')).err).toContain('bar-1');
  });

  it('know nothing of an image before it was attributed, and write it where that is asked for', async () => {
    const out = besidesProject('out.png');
    const { code, out: text } = await whence('queries', 'show', '4', '--out', out);
    expect(code).toBe(0);
    expect(text).toContain('Nothing is known of this image yet');
    expect(readFileSync(out)).toEqual(readFileSync(besidesProject('asked.png')));
  });
});

describe('whence attribute', () => {
  const small = words('--timestep-count 2 --projection-size 64');

  it('of a method for models that make images attributes query images', async () => {
    const scores = besidesProject('scores.npy');
    const { run } = await ask<{ run: Run }>(
      ...[...words('attribute --method d-trak --queries 4,1 --top-count 3'), ...small, '--scores', scores],
    );
    expect(run).toMatchObject({ kind: 'attribute-queries', summary: { queries: 2, trainCount: 16 } });
    expect(existsSync(scores)).toBe(true);
    const { influence } = await ask<{ influence: QueryInfluence }>('queries', 'show', '4');
    expect(influence.proponents).toHaveLength(3);
    const { out } = await whence('queries', 'show', '4');
    expect(out).toContain('D-TRAK');
    expect(out).toContain('estimated influence');
    // The query is a copy of this training image.
    const rows = out.split('\n').filter((line) => line.includes('.png'));
    expect(rows[0]).toContain('train/bar-0/0000.png');
  });

  it('by a method that both kinds of model have asks the newest model', async () => {
    // The newest is a classifier.
    const ofPredictions = await ask<{ run: Run }>(
      ...words('attribute --method grad-dot --projection-size 64'),
    );
    expect(ofPredictions.run.kind).toBe('attribute');
    await ask(...words('train --architecture ddpm-tiny --steps 2 --batch-size 4 --timesteps 50'));
    const ofQueries = await ask<{ run: Run }>(...words('attribute --method grad-dot'), ...small);
    expect(ofQueries.run.kind).toBe('attribute-queries');
    const named = await ask<{ run: Run }>(...words('attribute --method grad-dot --model-id 1'), ...small);
    expect(named.run.kind).toBe('attribute-queries');
  });

  it.each([
    ['--method d-trak --targets test', '--targets means nothing for'],
    ['--method if-ekfac --timestep-count 3', '--timestep-count means nothing for'],
  ])('refuses %s', async (options, reason) => {
    const { code, err } = await whence('attribute', ...words(options));
    expect(code, err).toBe(2);
    expect(err).toContain(reason);
  });
});

describe('whence groups', () => {
  it('are defined by class and by selection, listed with what they share, attributed, shown and removed', async () => {
    expect((await whence('groups', 'list')).out).toContain('no groups yet');
    const preview = await ask<GroupPreview>(...words('groups define --by folder --preview'));
    expect(preview).toMatchObject({ folderDepth: 2, groups: [{ name: 'bar-0', memberCount: 8 }, {}] });
    const { out: said } = await whence(...words('groups define --by folder --folder-depth 1 --preview'));
    expect(said).toMatch(/1 groups? would be defined \(--folder-depth 1\)[^]*train .*folder train +16/);
    expect((await whence('groups', 'list')).out).toContain('no groups yet');
    expect(await ask(...words('groups define --by class'))).toEqual({ groups: [1, 2] });
    expect(await ask(...words('groups define --samples 7,8,9,1 --name few'))).toEqual({ groups: [3] });
    expect(await ask(...words('groups define --text bar-1 --name second'))).toEqual({ groups: [4] });
    const { out: listed } = await whence('groups', 'list');
    expect(listed).toMatch(/bar-0 .*label bar-0 +8/);
    expect(listed).toContain('Groups 2 and 4 share 8 images.');
    const { run, attribution } = await ask<{ run: Run; attribution: GroupAttribution }>(
      ...words('groups attribute --method pixel-mean --groups 1,2 --queries 4'),
    );
    expect(attribution.queries.map(({ queryId }) => queryId)).toEqual([4]);
    expect(await ask('groups', 'show', String(run.id))).toEqual({ attribution });
    const { out: shown } = await whence('groups', 'show', String(run.id));
    expect(shown).toContain('estimated influence');
    expect(shown).toContain('random-groups');
    expect(shown).toMatch(/bar-0 \d/);
    await ask(...words('groups remove 3 4'));
    // What was found keeps its names.
    expect((await whence('groups', 'show', String(run.id))).out).toBe(shown);
    const { groups } = await ask<{ groups: { id: number }[] }>('groups', 'list');
    expect(groups.map(({ id }) => id)).toEqual([1, 2]);
  });

  it('are unlearned, or left out of a training, beside controls', async () => {
    const unlearning = words('groups attribute --method guda --steps 1 --batch-size 2 --timestep-count 2');
    const { out, code } = await whence(...unlearning, '--controls', '0', '--queries', '4');
    expect(code).toBe(0);
    expect(out).toContain('under-unlearning');
    const measured = words('groups attribute --method logo --timestep-count 2 --controls 0 --queries 4');
    expect((await whence(...measured)).out).toContain('measured effect of removal');
  });

  it.each([
    ['groups show 1', 1, 'run 1'],
    ['resume one', 2, 'one'],
    ['groups show 1.5', 2, '1.5'],
    ['groups define --by folder --folder-depth deep', 2, 'deep'],
    ['groups define --preview', 2, '--by'],
    ['groups remove one', 2, 'one'],
    ['queries remove one', 2, 'one'],
    ['queries show one', 2, 'one'],
    ['groups define --samples 1,b', 2, 'b'],
    ['queries remove 99', 1, '99'],
  ])('and queries refuse %s', async (command, expected, reason) => {
    const { code, err } = await whence(...words(command));
    expect(code, err).toBe(expected);
    expect(err).toMatch(new RegExp(reason));
  });
});

describe('whence queries remove', () => {
  it('forgets the image and what was found of it', async () => {
    await ask('queries', 'remove', '4');
    const { queries } = await ask<{ queries: QueryImage[] }>('queries', 'list');
    expect(queries.map(({ id }) => id)).toEqual([3, 2, 1]);
    rmSync(besidesProject('asked.png'));
  });
});
