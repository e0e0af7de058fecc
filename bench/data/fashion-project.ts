/** @file Part of Fashion-MNIST as IDX files to import, and runs done on the project one after the other. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Random } from '../../src/core/base/random.ts';
import { RunRequest, type Run } from '../../src/contract/runs-service.ts';
import { openStoredFile } from '../../src/engine/sources/folder-tree.ts';
import { readIdxPair } from '../../src/engine/sources/idx.ts';
import { RunQueue } from '../../src/engine/runs/run-queue.ts';
import { openProjectFolder } from '../../src/engine/storage/project-folder.ts';
import { readRun } from '../../src/engine/storage/runs.ts';
import { encodeIdx } from '../../testing/idx-writer.ts';
import { fashionClassCount, fashionFolder } from './fashion-mnist.ts';

export interface FashionPart {
  readonly prefix: 'train' | 't10k';
  readonly count: number;
  /** Share of the images under another label. */
  readonly noise: number;
  readonly seed: number;
}

/** The first images of a seeded order, some of them under another label. */
export async function writeFashionPart(
  folder: string,
  { prefix, count, noise, seed }: FashionPart,
): Promise<void> {
  const pair = await readIdxPair(
    await openStoredFile(join(fashionFolder, `${prefix}-images-idx3-ubyte.gz`)),
    await openStoredFile(join(fashionFolder, `${prefix}-labels-idx1-ubyte.gz`)),
  );
  const area = pair.rows * pair.columns;
  const drawn = new Random(seed, `bench/${prefix}`).permutation(pair.count).subarray(0, count);
  const pixels = new Uint8Array(count * area);
  for (const [place, image] of drawn.entries())
    pixels.set(pair.images.data.subarray(image * area, (image + 1) * area), place * area);
  const labels = Uint8Array.from(drawn, (image) => pair.labels[image]!);
  const random = new Random(seed, 'bench/flips');
  for (const place of random.permutation(count).subarray(0, Math.round(noise * count)))
    labels[place] = (labels[place]! + 1 + random.integer(fashionClassCount - 1)) % fashionClassCount;
  writeFileSync(
    join(folder, `${prefix}-images-idx3-ubyte`),
    encodeIdx([count, pair.rows, pair.columns], pixels),
  );
  writeFileSync(join(folder, `${prefix}-labels-idx1-ubyte`), encodeIdx([count], labels));
}

/** The runs as they ended; one that did not finish ends the bench. */
export async function finishRuns(path: string, requests: readonly object[]): Promise<Run[]> {
  const queue = new RunQueue(path);
  const ids = requests.map((request) => queue.start(RunRequest.parse(request)));
  await queue.idle();
  await queue.dispose();
  const folder = openProjectFolder(path);
  const ended = ids.map((id) => readRun(folder.connection, id));
  folder.close();
  const failed = ended.find(({ status }) => status !== 'finished');
  if (failed !== undefined) throw new Error(`${failed.kind}: ${failed.error?.message ?? failed.status}`);
  return ended;
}
