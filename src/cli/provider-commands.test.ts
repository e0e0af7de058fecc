import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runWords, useHome } from '../../testing/command-line.ts';
import { writeShapeFolder } from '../../testing/write-shape-folder.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'whence-providers-'));
let leaveHome: () => void;
beforeAll(() => {
  leaveHome = useHome(path.join(folder, 'home'));
});
afterAll(() => {
  leaveHome();
  rmSync(folder, { recursive: true });
});

const whence = (...words: string[]) => runWords(words);

/** One that this system's ONNX Runtime does not have. */
const absent = process.platform === 'win32' ? 'coreml' : 'dml';

describe('providers on the command line', () => {
  it('are listed with the reason where one is absent', async () => {
    const { code, out } = await whence('providers', '--json');
    expect(code).toBe(0);
    const { providers } = JSON.parse(out) as { providers: { name: string; available: boolean }[] };
    expect(providers[0]).toMatchObject({ name: 'cpu', available: true, verdict: null });
    expect(providers.find(({ name }) => name === absent)).toMatchObject({ available: false });
    expect((await whence('providers')).out).toMatch(new RegExp(`${absent} +absent +ONNX Runtime has no`));
  });

  it('that cannot be used give way to the CPU, and the person is told', async () => {
    const source = path.join(folder, 'shapes');
    const project = path.join(folder, 'shapes.whence');
    await writeShapeFolder(source, { count: 24, classCount: 2, size: 8, seed: 1, flippedShare: 0 });
    await whence('import', source, '--project', project);
    const training = ['train', '--project', project, '--architecture', 'linear', '--epochs', '1'];
    const { code, out, err } = await whence(...training, '--folds', '0', '--provider', absent);
    expect(code).toBe(0);
    expect(err).toContain('The CPU is used instead.');
    expect(out).toContain('finished on cpu');
  });
});
