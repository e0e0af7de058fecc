/** @file Makes a generated project once, opens it as a person's recent one, and measures the window over it. */
import path from 'node:path';
import { runCommandLine } from '../../src/cli/main.ts';
import type { BenchResult } from '../bench.ts';
import { cachePath } from '../data/cache-path.ts';
import { ensureLargeProject } from '../data/large-project.ts';
import { measureWindow, type WindowBench } from './measure-window.ts';

export async function measureLargeProject(
  bench: Omit<WindowBench, 'homePath' | 'projectPath'>,
): Promise<BenchResult> {
  const homePath = path.join(cachePath, `home-large-${bench.images}`);
  const projectPath = path.join(cachePath, `large-${bench.images}.whence`);
  process.env['WHENCE_HOME'] = homePath;
  await ensureLargeProject(projectPath, bench.images);
  // Whence remembers what was opened.
  const silent = { out: process.stderr, err: process.stderr };
  if ((await runCommandLine(['info', '--project', projectPath, '--json'], silent)) !== 0)
    throw new Error('the project cannot be opened');
  return measureWindow({ ...bench, homePath, projectPath });
}
