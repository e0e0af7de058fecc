/**
 * @file Reads labels and splits off paths: 'train/cat/1.png' in a set with train and test folders, 'cat/1.png' in one
 * without. A folder that only wraps the rest ('images/', an unpacked archive's own folder) is looked through.
 */
import type { Split } from '../../contract/vocabulary.ts';

export type FolderKind = 'class-folders' | 'split-class-folders' | 'flat-folder';

export interface FolderLayout {
  readonly kind: FolderKind;
  /** Class name and split of an image path; null: unlabelled. */
  readonly place: (path: string) => { readonly label: string | null; readonly split: Split };
}

const SPLIT_NAMES: Readonly<Record<string, Split>> = {
  train: 'train',
  training: 'train',
  trainset: 'train',
  val: 'val',
  valid: 'val',
  validation: 'val',
  dev: 'val',
  test: 'test',
  testing: 'test',
  testset: 'test',
  eval: 'test',
  evaluation: 'test',
};

/** Folders that say nothing about what is in them. */
const PLAIN_NAMES = new Set([
  'images',
  'image',
  'imgs',
  'img',
  'pictures',
  'photos',
  'data',
  'dataset',
  'files',
]);

export function splitNamed(name: string): Split | null {
  return SPLIT_NAMES[name.toLowerCase()] ?? null;
}

/** The split that a file or array is named after: 'train-00001-of-00004.parquet', 'x_test', 'instances_val2017.json'; the last that is named. */
export function splitOfName(path: string): Split | null {
  const words = path.toLowerCase().split(/[^a-z]+/);
  return words.map(splitNamed).findLast((split) => split !== null) ?? null;
}

export function recogniseFolders(paths: readonly string[]): FolderLayout {
  const prefix = wrappingFolder(paths);
  const partsOf = (path: string): string[] => path.slice(prefix.length).split('/');
  const tops = new Set<string>();
  let rootImages = 0;
  for (const path of paths) {
    const parts = partsOf(path);
    if (parts.length === 1) rootImages++;
    else tops.add(parts[0]!);
  }
  if (tops.size === 0 || (tops.size === 1 && PLAIN_NAMES.has([...tops][0]!.toLowerCase()))) {
    return { kind: 'flat-folder', place: () => ({ label: null, split: 'train' }) };
  }
  // A class may be called 'train'; beside other classes, or images, it is one.
  if (rootImages === 0 && [...tops].every((name) => splitNamed(name) !== null)) {
    return {
      kind: 'split-class-folders',
      place: (path) => {
        const parts = partsOf(path);
        return { label: parts.length > 2 ? parts[1]! : null, split: splitNamed(parts[0]!) ?? 'train' };
      },
    };
  }
  return {
    kind: 'class-folders',
    place: (path) => {
      const parts = partsOf(path);
      return { label: parts.length > 1 ? parts[0]! : null, split: 'train' };
    },
  };
}

/** The longest chain of only folders ('' or 'archive/images/') that has more folders with images below it. */
function wrappingFolder(paths: readonly string[]): string {
  let prefix = '';
  for (;;) {
    const first = paths[0]?.slice(prefix.length).split('/')[0];
    if (first === undefined || splitNamed(first) !== null) return prefix;
    const longer = `${prefix}${first}/`;
    const isOnlyFolder = paths.every((path) => path.startsWith(longer) && path.includes('/', longer.length));
    if (!isOnlyFolder) return prefix;
    prefix = longer;
  }
}
