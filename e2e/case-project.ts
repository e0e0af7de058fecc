/**
 * @file A project that a copyright case can be opened in: the small sample, a little generative model of it, images that the model made, and a file that is
 * a training image, cropped and mirrored. Made once per test run by the command line, when the first test asks for it.
 */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { cp, mkdir, readdir, rename } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { promisify } from 'node:util';
import sharp from 'sharp';
import { cachePath, node, preparedProject, preparedSource, root } from './places.ts';

const run = promisify(execFile);
const caseProject = path.join(cachePath, 'case.whence');
const WAIT_MS = 200;
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

/** Puts a copy of the project at `target`. Of two workers that ask at once, one makes it and the other waits. */
export async function writeCaseProject(target: string): Promise<void> {
  if (await claim()) await makeCaseProject();
  while (!existsSync(caseProject)) await setTimeout(WAIT_MS);
  await cp(caseProject, target, { recursive: true });
}

/** True for the first who asks. */
async function claim(): Promise<boolean> {
  const made = await mkdir(`${caseProject}.claimed`, { recursive: true });
  return made !== undefined;
}

async function makeCaseProject(): Promise<void> {
  const partial = `${caseProject}.partial`;
  await cp(preparedProject, partial, { recursive: true });
  await writeAltered();
  const env = { ...process.env, WHENCE_HOME: path.join(cachePath, 'home') };
  const program = path.join(root, 'src/cli/whence.ts');
  for (const words of steps)
    await run(node, [program, ...words, '--project', partial, '--json'], { cwd: root, env });
  await rename(partial, caseProject);
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
