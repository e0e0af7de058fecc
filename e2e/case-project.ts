/**
 * @file A project that a copyright case can be opened in: the small sample, a little generative model of it, images that the model made, and a file that is
 * a training image, cropped and mirrored. Made once per test run by the command line, when the first test asks for it.
 */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cp, readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import sharp from 'sharp';
import { cachePath, node, preparedProject, preparedSource, root } from './places.ts';

const run = promisify(execFile);
const caseProject = path.join(cachePath, 'case.whence');
const alteredFile = path.join(cachePath, 'altered.png');

/** Nothing that is learned here is worth looking at: it only has to be there. */
const steps: readonly (readonly string[])[] = [
  [
    ...['train', '--architecture', 'ddpm-tiny', '--steps', '40', '--batch-size', '16'],
    ...['--image-size', '8', '--timesteps', '100', '--checkpoints', '0', '--sheet-minutes', '0'],
  ],
  ['sample', '--count', '2', '--steps', '5'],
  ['queries', 'add', alteredFile],
  ['groups', 'define', '--by', 'class'],
];

/** Puts a copy of the project at `target`. */
export async function writeCaseProject(target: string): Promise<void> {
  if (!existsSync(caseProject)) await makeCaseProject();
  await cp(caseProject, target, { recursive: true });
}

async function makeCaseProject(): Promise<void> {
  const partial = `${caseProject}.partial`;
  await rm(partial, { recursive: true, force: true });
  await cp(preparedProject, partial, { recursive: true });
  await writeAltered();
  const env = { ...process.env, WHENCE_HOME: path.join(cachePath, 'home') };
  const program = path.join(root, 'src/cli/whence.ts');
  for (const words of steps)
    await run(node, [program, ...words, '--project', partial, '--json'], { cwd: root, env });
  await cp(partial, caseProject, { recursive: true });
  await rm(partial, { recursive: true, force: true });
}

/** Nine tenths of a coat, mirrored. */
async function writeAltered(): Promise<void> {
  const folder = path.join(preparedSource, 'coat');
  const [first = ''] = (await readdir(folder)).toSorted();
  const image = sharp(path.join(folder, first));
  const { width, height } = await image.metadata();
  await image
    .extract({
      left: Math.round(0.05 * width),
      top: Math.round(0.05 * height),
      width: Math.round(0.9 * width),
      height: Math.round(0.9 * height),
    })
    .flop()
    .resize(width, height)
    .png()
    .toFile(alteredFile);
}
