/** @file Looks at a source before it is imported: layout, counts, classes, a few examples. */
import type { SourceLayout } from '../../contract/imports-service.ts';
import type { Split } from '../../contract/vocabulary.ts';
import { readIdx, readIdxDimensions } from '../formats/idx.ts';
import { idxClassName } from './idx-classes.ts';
import { compareNaturally } from './list-files.ts';
import { openSource, type FolderSource, type IdxSource, type Source } from './open-source.ts';

const EXAMPLE_COUNT = 12;
const SPLITS: readonly Split[] = ['train', 'val', 'test'];

export async function inspectSource(sourcePath: string, signal?: AbortSignal): Promise<SourceLayout> {
  const source = await openSource(sourcePath, signal);
  return source.kind === 'idx' ? inspectIdx(source) : inspectFolder(source);
}

function inspectFolder(source: FolderSource): SourceLayout {
  const classes = countBy(source.images.flatMap(({ label }) => (label === null ? [] : [label])));
  const splits = countBy(source.images.map(({ split }) => split));
  // Spread over the whole list, so that a preview shows many classes.
  const step = Math.max(1, source.images.length / EXAMPLE_COUNT);
  const examples = Array.from(
    { length: Math.min(EXAMPLE_COUNT, source.images.length) },
    (_, index) => source.images[Math.floor(index * step)]!.path,
  );
  return complete(source, source.images.length, source.others.length + source.unreadable.length, {
    classes,
    splits,
    examples,
  });
}

async function inspectIdx(source: IdxSource): Promise<SourceLayout> {
  const classes = new Map<string, number>();
  const splits = new Map<string, number>();
  let imageCount = 0;
  for (const part of source.parts) {
    const [count = 0] = await readIdxDimensions(part.imagesPath);
    imageCount += count;
    splits.set(part.split, (splits.get(part.split) ?? 0) + count);
    const { data } = await readIdx(part.labelsPath);
    for (const [label, labelCount] of countBy([...data])) {
      const name = idxClassName(source.path, label);
      classes.set(name, (classes.get(name) ?? 0) + labelCount);
    }
  }
  const first = source.parts[0]!.name;
  const examples = Array.from(
    { length: Math.min(EXAMPLE_COUNT, imageCount) },
    (_, index) => `${first}/${String(index).padStart(6, '0')}`,
  );
  return complete(source, imageCount, 0, { classes, splits, examples });
}

interface Counts {
  readonly classes: ReadonlyMap<string, number>;
  readonly splits: ReadonlyMap<string, number>;
  readonly examples: string[];
}

function complete(source: Source, imageCount: number, otherFileCount: number, counts: Counts): SourceLayout {
  const names = [...counts.classes.keys()].sort(compareNaturally);
  const splits = SPLITS.filter((split) => counts.splits.has(split));
  return {
    kind: source.kind,
    sourcePath: source.path,
    description: describe(source.kind, imageCount, names.length, splits),
    imageCount,
    otherFileCount,
    classes: names.map((name) => ({ name, count: counts.classes.get(name)! })),
    splits: splits.map((split) => ({ split, count: counts.splits.get(split)! })),
    examples: counts.examples,
  };
}

function describe(
  kind: SourceLayout['kind'],
  imageCount: number,
  classCount: number,
  splits: readonly Split[],
): string {
  const images = `${imageCount.toLocaleString('en')} ${imageCount === 1 ? 'image' : 'images'}`;
  const classes = `${classCount} ${classCount === 1 ? 'class' : 'classes'}`;
  switch (kind) {
    case 'class-folders':
      return `One folder per class: ${images} in ${classes}.`;
    case 'split-class-folders':
      return classCount === 0
        ? `Folders for ${splits.join(', ')}, without classes: ${images}.`
        : `Folders for ${splits.join(', ')}, each with one folder per class: ${images} in ${classes}.`;
    case 'labels-csv':
      return `A table of labels beside the images: ${images} in ${classes}.`;
    case 'flat-folder':
      return `A folder of ${images} without labels.`;
    case 'idx':
      return `IDX files (the MNIST format), ${splits.join(' and ')}: ${images} in ${classes}.`;
  }
}

function countBy<Key>(keys: readonly Key[]): Map<Key, number> {
  const counts = new Map<Key, number>();
  for (const key of keys) counts.set(key, (counts.get(key) ?? 0) + 1);
  return counts;
}
