import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readAnswer, runWords, useHome } from '../../testing/command-line.ts';
import { writeShapeFolder } from '../../testing/write-shape-folder.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'whence-subsets-'));
const source = path.join(folder, 'shapes');
const project = path.join(folder, 'shapes.whence');
let leaveHome: () => void;

const whence = (...words: string[]) => runWords([...words, '--project', project]);

const answer = (...words: string[]) => readAnswer(whence(...words, '--json'));

beforeAll(async () => {
  leaveHome = useHome(path.join(folder, 'home'));
  await writeShapeFolder(source, { count: 60, classCount: 3, size: 16, seed: 1, flippedShare: 0 });
  await answer('import', source);
  await answer('train', '--architecture', 'linear', '--epochs', '4', '--folds', '0');
}, 60_000);
afterAll(() => {
  leaveHome();
  rmSync(folder, { recursive: true });
});

describe('subsets on the command line', () => {
  it('are chosen, measured, listed, exported and removed', async () => {
    const chosen = await answer('select', '--strategy', 'diversity', '--share', '0.5', '--name', 'half');
    expect(chosen).toMatchObject({
      run: { status: 'finished', summary: { subsetId: 1, images: 27, candidates: 54 } },
    });
    await answer('subset', 'measure', '1', '--repeats', '2');
    const { subsets } = await answer('subset', 'list');
    expect(subsets).toMatchObject([
      { id: 1, name: 'half', measured: { subset: { repeats: 2 }, on: 'held-out' } },
    ]);
    expect((await whence('subset', 'list')).out).toMatch(
      /half +Diversity +27 of 54 +9 +\d\.\d{3} ± \d\.\d{3} \(2 seeds\)/,
    );
    const file = path.join(folder, 'half.jsonl');
    expect(await answer('subset', 'export', '1', '--out', file)).toMatchObject({ path: file, rows: 27 });
    const [line] = readFileSync(file, 'utf8').split('\n');
    expect(Object.keys(JSON.parse(line!) as object)).toEqual(['path', 'label', 'split', 'score', 'sha256']);
    await answer('subset', 'remove', '1');
    expect((await whence('subset', 'list')).out).toContain('There is no subset yet');
  }, 60_000);

  it('cannot be drawn by uncertainty where no cross-validation was done, and say so', async () => {
    const { code, err } = await whence('select', '--strategy', 'uncertainty');
    expect(code).toBe(1);
    expect(err).toContain('trained without cross-validation');
  });

  it('answer 1 with what to do for a subset that is not there, and write nothing', async () => {
    const file = path.join(folder, 'missing.csv');
    const { code, err } = await whence('subset', 'export', '9', '--out', file);
    expect(code).toBe(1);
    expect(err).toContain('There is no subset 9');
    expect(existsSync(file)).toBe(false);
  });
});
