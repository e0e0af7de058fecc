import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeShapeFolder } from '../../testing/write-shape-folder.ts';
import { runCommandLine } from './main.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'whence-providers-'));
const homeBefore = process.env['WHENCE_HOME'];
beforeAll(() => (process.env['WHENCE_HOME'] = path.join(folder, 'home')));
afterAll(() => {
  if (homeBefore === undefined) delete process.env['WHENCE_HOME'];
  else process.env['WHENCE_HOME'] = homeBefore;
  rmSync(folder, { recursive: true });
});

async function whence(...words: string[]) {
  const [out, err]: [string[], string[]] = [[], []];
  const code = await runCommandLine(words, {
    out: { write: (text) => out.push(text) },
    err: { write: (text) => err.push(text) },
  });
  return { code, out: out.join(''), err: err.join('') };
}

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
