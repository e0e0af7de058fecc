/** @file Looks at a source before it is imported: layout, counts, classes, columns, a few examples, what is wrong already. */
import type { SourceChoices, SourceKind, SourceLayout } from '../../contract/imports-service.ts';
import type { Split } from '../../contract/vocabulary.ts';
import { compareNaturally } from '../sources/list-files.ts';
import type { Connection } from '../storage/connection.ts';
import { openAsBefore, type OpenedSource } from './open-as-before.ts';
import { openSource, type Source } from './open-source.ts';

const EXAMPLE_COUNT = 12;
const PROBLEM_COUNT = 20;
const SPLITS: readonly Split[] = ['train', 'val', 'test'];

/** Throws `source-…` errors. */
export async function inspectSource(choices: SourceChoices, signal?: AbortSignal): Promise<SourceLayout> {
  return layoutOf({ source: await openSource(choices, signal), remembered: null });
}

/** The same, as it was imported into a project before. */
export async function inspectAsBefore(connection: Connection, choices: SourceChoices): Promise<SourceLayout> {
  return layoutOf(await openAsBefore(connection, choices));
}

function layoutOf({ source, remembered }: OpenedSource): SourceLayout {
  const { kind, container, confidence, images, others, problems } = source;
  const classCounts = countBy(images.flatMap(({ label }) => (label === null ? [] : [label])));
  const splitCounts = countBy(images.map(({ split }) => split));
  const names = [...classCounts.keys()].sort(compareNaturally);
  const splits = SPLITS.filter((split) => splitCounts.has(split));
  return {
    ...{ kind, container, confidence, alternatives: [...source.alternatives], sourcePath: source.path },
    description: describe(source, names.length, splits),
    imageCount: images.length,
    otherFileCount: others.length + source.closed.length,
    classes: names.map((name) => ({ name, count: classCounts.get(name)! })),
    splits: splits.map((split) => ({ split, count: splitCounts.get(split)! })),
    examples: spread(images).map(({ path }) => path),
    table: source.table ?? null,
    remembered,
    problemCount: problems.length,
    problems: problems.slice(0, PROBLEM_COUNT).map(({ path, reason, detail }) => ({ path, reason, detail })),
  };
}

/** Over the whole list, so that a preview shows many classes. */
function spread<Item>(items: readonly Item[]): Item[] {
  const step = Math.max(1, items.length / EXAMPLE_COUNT);
  return Array.from(
    { length: Math.min(EXAMPLE_COUNT, items.length) },
    (_, index) => items[Math.floor(index * step)]!,
  );
}

interface Words {
  readonly images: string;
  readonly classes: string;
  readonly splits: string;
}

const descriptions: Readonly<Record<SourceKind, (words: Words, classCount: number) => string>> = {
  'class-folders': ({ images, classes }) => `One folder per class: ${images} in ${classes}.`,
  'split-class-folders': ({ images, classes, splits }, classCount) =>
    classCount === 0
      ? `Folders for ${splits}, without classes: ${images}.`
      : `Folders for ${splits}, each with one folder per class: ${images} in ${classes}.`,
  'flat-folder': ({ images }) => `A folder of ${images} without labels.`,
  manifest: ({ images, classes }) => `A table that names the images: ${images} in ${classes}.`,
  coco: ({ images, classes }) =>
    `COCO annotations: ${images}, each with the category of its largest area, in ${classes}.`,
  webdataset: ({ images, classes }) => `WebDataset shards: ${images} in ${classes}.`,
  parquet: ({ images, classes }) => `Parquet files that hold the images: ${images} in ${classes}.`,
  npz: ({ images, classes }) => `NumPy arrays (NPZ): ${images} in ${classes}.`,
  cifar: ({ images, classes }) => `CIFAR’s binary batches: ${images} in ${classes}.`,
  idx: ({ images, classes, splits }) => `IDX files (the MNIST format), ${splits}: ${images} in ${classes}.`,
};

function describe({ kind, container, images }: Source, classCount: number, splits: readonly Split[]): string {
  const words = {
    images: `${images.length.toLocaleString('en')} ${images.length === 1 ? 'image' : 'images'}`,
    classes: `${classCount.toLocaleString('en')} ${classCount === 1 ? 'class' : 'classes'}`,
    splits: splits.join(kind === 'idx' ? ' and ' : ', '),
  };
  const text = descriptions[kind](words, classCount);
  return container === 'folder'
    ? text
    : `In a ${container} archive: ${text[0]!.toLowerCase()}${text.slice(1)}`;
}

function countBy<Key>(keys: readonly Key[]): Map<Key, number> {
  const counts = new Map<Key, number>();
  for (const key of keys) counts.set(key, (counts.get(key) ?? 0) + 1);
  return counts;
}
