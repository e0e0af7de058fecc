/** @file The window with 50,000 real images: Fashion-MNIST, the training set's first 50,000. */
import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import { runCommandLine } from '../src/cli/main.ts';
import type { BenchOptions, BenchResult } from './bench.ts';
import { cachePath } from './data/cache-path.ts';
import { fashionFolder, fashionMissing } from './data/fashion-mnist.ts';
import { measureWindow } from './window/measure-window.ts';

const IMAGE_SIDE = 28;

export async function run({ quick }: BenchOptions): Promise<BenchResult> {
  const images = quick ? 5_000 : 50_000;
  const homePath = path.join(cachePath, `home-${images}`);
  process.env['WHENCE_HOME'] = homePath;
  const projectPath = await prepareProject(images);
  const goals = { open: 2000, filter: 200, order: 500 };
  return measureWindow({ images, homePath, projectPath, quick, goals });
}

/** Imports once; later benches open the same project. */
async function prepareProject(count: number): Promise<string> {
  const projectPath = path.join(cachePath, `fashion-${count}.whence`);
  if (existsSync(projectPath)) return projectPath;
  const missing = fashionMissing();
  if (missing !== null) throw new Error(missing);
  const sourcePath = path.join(cachePath, `fashion-mnist-${count}`);
  await mkdir(sourcePath, { recursive: true });
  await shorten('train-images-idx3-ubyte', sourcePath, 16, IMAGE_SIDE * IMAGE_SIDE, count);
  await shorten('train-labels-idx1-ubyte', sourcePath, 8, 1, count);
  const code = await runCommandLine(['import', sourcePath, '--project', projectPath], {
    out: process.stderr,
    err: process.stderr,
  });
  if (code !== 0) throw new Error('the import failed');
  return projectPath;
}

/** An IDX file with the first `count` items of one of the data set's. */
async function shorten(
  name: string,
  folder: string,
  headBytes: number,
  itemBytes: number,
  count: number,
): Promise<void> {
  const bytes = gunzipSync(await readFile(path.join(fashionFolder, `${name}.gz`)));
  bytes.writeUInt32BE(count, 4);
  await writeFile(path.join(folder, name), bytes.subarray(0, headBytes + count * itemBytes));
}
