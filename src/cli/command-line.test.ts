import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readAnswer, runWords, useHome } from '../../testing/command-line.ts';
import { writeShapeFolder } from '../../testing/write-shape-folder.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'whence-cli-'));
const source = path.join(folder, 'shapes');
const project = path.join(folder, 'shapes.whence');

const whence = (...words: string[]) => runWords(words);

/** A command that must succeed, read as the one JSON document that --json promises. */
const answer = (...words: string[]) => readAnswer(whence(...words, '--project', project, '--json'));

describe('the command line', () => {
  let leaveHome: () => void;

  beforeAll(async () => {
    leaveHome = useHome(path.join(folder, 'home'));
    await writeShapeFolder(source, { count: 96, classCount: 3, size: 16, seed: 1, flippedShare: 0.1 });
  });
  afterAll(() => {
    leaveHome();
    rmSync(folder, { recursive: true });
  });

  it('does the main job in four commands, each answering one JSON document', async () => {
    const imported = await answer('import', source);
    expect(imported).toMatchObject({
      run: { status: 'finished', summary: { found: 96, added: 96, problems: 0 } },
    });
    await answer('train', '--architecture', 'linear', '--epochs', '8', '--folds', '3');
    const scores = path.join(folder, 'scores.npy');
    await answer('attribute', '--projection-size', '64', '--targets', 'train', '--scores', scores);
    // NPY format 1.0: magic, version, little-endian header length, header.
    const npy = readFileSync(scores);
    expect(npy.subarray(1, 6).toString('latin1')).toBe('NUMPY');
    const head = npy.subarray(10, 10 + npy.readUInt16LE(8)).toString('latin1');
    const [, rows, columns] = /'shape': \((\d+), (\d+)\)/.exec(head)!.map(Number);
    expect(head).toContain("'descr': '<f4'");
    expect(npy.length).toBe(10 + npy.readUInt16LE(8) + 4 * rows! * columns!);
    for (const choice of [
      ['--projection', 'mask-sjlt'],
      ['--projection', 'none', '--method', 'grad-cos'],
      ['--method', 'embedding-cos'],
    ]) {
      const other = await answer('attribute', ...choice, '--targets', 'test');
      expect(other).toMatchObject({ run: { status: 'finished' } });
    }
    const tuned = await answer('train', '--from', '1', '--folds', '0', '--epochs', '2');
    expect(tuned).toMatchObject({ run: { config: { epochs: 2, learningRate: 0.005 } } });
    const found = await answer('issues', '--model-id', '1', '--list', '5');
    expect((found['issues'] as unknown[]).length).toBe(5);
  });

  it('exports what the project holds, and describes it', async () => {
    const file = path.join(folder, 'labels.csv');
    expect(await answer('export', '--out', file)).toMatchObject({ rows: 96 });
    expect(readFileSync(file, 'utf8').split(/\r?\n/)[0]).toBe(
      'path,given,corrected,action,score,reviewer,time,sha256,excluded,tags',
    );
    expect(await answer('info')).toMatchObject({ project: { sampleCount: 96, modelCount: 2 } });
  });

  it('answers 2 to what it does not understand, and says what was expected', async () => {
    const unknown = await whence('guess', '--project', project);
    expect(unknown).toMatchObject({ code: 2, out: '' });
    const choice = await whence('train', '--project', project, '--architecture', 'forest');
    expect(choice.code).toBe(2);
    expect(choice.err).toContain('linear, mlp, cnn, resnet9');
    const number = await whence('train', '--project', project, '--epochs', 'many');
    expect(number).toMatchObject({ code: 2 });
    expect(number.err).toContain('A number is expected');
  });

  it('answers 2 to a number outside its range', async () => {
    const { code, err } = await whence('train', '--project', project, '--epochs', '0');
    expect(code).toBe(2);
    expect(err).toContain('epochs');
  });

  it('answers 1 with the error as JSON where the work cannot be done, and makes nothing', async () => {
    const missing = path.join(folder, 'missing.whence');
    const { code, out } = await whence('train', '--project', missing, '--json');
    expect(code).toBe(1);
    expect(JSON.parse(out)).toMatchObject({ error: { code: 'project-not-found' } });
    expect(existsSync(missing)).toBe(false);
  });

  it('leaves no project behind where there is nothing to import', async () => {
    const fresh = path.join(folder, 'fresh.whence');
    const { code, err } = await whence('import', path.join(folder, 'nowhere'), '--project', fresh);
    expect(code).toBe(1);
    expect(err).toContain('nowhere');
    expect(existsSync(fresh)).toBe(false);
  });
});
