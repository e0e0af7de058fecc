/** @file Before all tests: one small project with a finished analysis, made by the command line as a person would make it. */
import { execFile } from 'node:child_process';
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { cachePath, node, preparedProject, preparedSource, root } from './places.ts';
import { writeSmallSample } from './small-sample.ts';

const run = promisify(execFile);

const steps: readonly (readonly string[])[] = [
  ['import', preparedSource],
  ['train', '--architecture', 'linear', '--epochs', '10', '--folds', '3', '--batch-size', '16'],
  ['attribute', '--projection-size', '128', '--relative-damping', '0.1'],
  ['issues'],
];

export default async function prepareProject(): Promise<void> {
  await rm(cachePath, { recursive: true, force: true });
  await writeSmallSample(preparedSource);
  const env = { ...process.env, WHENCE_HOME: path.join(cachePath, 'home') };
  const program = path.join(root, 'src/cli/whence.ts');
  for (const words of steps)
    await run(node, [program, ...words, '--project', preparedProject, '--json'], { cwd: root, env });
}
