/**
 * @file The fashion set: real photographs of Fashion-MNIST, with some labels changed on purpose to a class that people do
 * confuse, so that a first look at label issues finds some. `labels.csv` says which; its column given_label is what
 * an import takes.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stringify } from 'csv-stringify/sync';
import { Random } from '../../src/core/base/random.ts';
import { encodeGreyPng } from '../../src/engine/formats/grey-png.ts';
import { openStoredFile } from '../../src/engine/sources/folder-tree.ts';
import { readIdxPair } from '../../src/engine/sources/idx.ts';
import { idxClassName } from '../../src/engine/importing/idx-classes.ts';

/** Where Debian's package dataset-fashion-mnist puts the set. */
export const FASHION_FOLDER = '/usr/share/datasets/fashion-mnist';

const CLASS_COUNT = 10;
const PER_CLASS = 300;
const PLANTED_COUNT = 180;
const SEED = 2017;
/** Training images whose published label is an acknowledged error. */
const PUBLISHED_ERRORS = [16691, 28264, 33982, 40513, 42018, 45592];

/** What each class is mistaken for, likeliest first (twice as likely as the next). By label number. */
const CONFUSIONS: readonly (readonly number[])[] = [
  [6, 3, 2], // t-shirt: shirt, dress, pullover
  [3], // trouser: dress
  [4, 6], // pullover: coat, shirt
  [6, 4, 0], // dress: shirt, coat, t-shirt
  [2, 6], // coat: pullover, shirt
  [7, 9], // sandal: sneaker, ankle boot
  [0, 2, 4], // shirt: t-shirt, pullover, coat
  [9, 5], // sneaker: ankle boot, sandal
  [5, 0], // bag: sandal, t-shirt
  [7, 5], // ankle boot: sneaker, sandal
];

export async function buildFashion(source: string, target: string): Promise<number> {
  const { images, labels, rows, columns } = await readIdxPair(
    await openStoredFile(join(source, 'train-images-idx3-ubyte.gz')),
    await openStoredFile(join(source, 'train-labels-idx1-ubyte.gz')),
  );
  const balanced = firstOfEachClass(labels);
  const planted = plantConfusions(balanced, labels);
  const chosen = [...balanced, ...PUBLISHED_ERRORS].sort((a, b) => a - b);
  await mkdir(join(target, 'images'), { recursive: true });
  const table = [['path', 'given_label', 'zalando_label', 'planted', 'published_error']];
  for (const index of chosen) {
    const path = `images/${String(index).padStart(5, '0')}.png`;
    const pixels = images.data.subarray(index * rows * columns, (index + 1) * rows * columns);
    await writeFile(join(target, path), encodeGreyPng(pixels, columns, rows));
    const label = labels[index]!;
    const given = planted.get(index) ?? label;
    const isError = PUBLISHED_ERRORS.includes(index);
    table.push([path, nameOf(given), nameOf(label), planted.has(index) ? '1' : '0', isError ? '1' : '0']);
  }
  await writeFile(join(target, 'labels.csv'), stringify(table));
  return chosen.length;
}

function nameOf(label: number): string {
  return idxClassName('fashion', label);
}

/** The first images of each class, in the order of the set; the published errors come on top. */
function firstOfEachClass(labels: Uint8Array): number[] {
  const counts = new Uint32Array(CLASS_COUNT);
  const chosen: number[] = [];
  for (let index = 0; index < labels.length; index++) {
    const label = labels[index]!;
    if (counts[label]! >= PER_CLASS) continue;
    counts[label]!++;
    chosen.push(index);
  }
  return chosen;
}

function plantConfusions(candidates: readonly number[], labels: Uint8Array): Map<number, number> {
  const random = new Random(SEED, 'sample-fashion');
  const order = random.permutation(candidates.length);
  const planted = new Map<number, number>();
  for (const position of order.subarray(0, PLANTED_COUNT)) {
    const index = candidates[position]!;
    const confusions = CONFUSIONS[labels[index]!]!;
    let choice = 0;
    while (choice < confusions.length - 1 && random.uniform() < 1 / 3) choice++;
    planted.set(index, confusions[choice]!);
  }
  return planted;
}
