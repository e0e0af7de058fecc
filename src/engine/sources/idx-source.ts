/** @file The IDX pairs of a source, and the images of each. */
import { readdir } from 'node:fs/promises';
import { posix } from 'node:path';
import { AppError } from '../../core/base/app-error.ts';
import type { FileTree } from './file-tree.ts';
import { findIdxPairs, readIdxPair, type IdxPair } from './idx.ts';
import type { ImageArray } from './image-array.ts';

export interface IdxSourcePart extends IdxPair {
  /** First part of its samples' paths: the split, or the file's prefix where several pairs share a split. */
  readonly name: string;
  /** Below the tree. */
  readonly imagesPath: string;
  readonly labelsPath: string;
}

/** The pairs of one folder of a tree. `only`: the name of one of a pair's files, whose pair alone is meant. */
export function idxParts(folder: string, names: readonly string[], only: string | null): IdxSourcePart[] {
  const pairs = findIdxPairs(names).filter(
    ({ images, labels }) => only === null || images === only || labels === only,
  );
  const below = (name: string): string => (folder === '.' ? name : `${folder}/${name}`);
  return pairs.map((pair) => ({
    ...pair,
    name: pairs.filter(({ split }) => split === pair.split).length === 1 ? pair.split : pair.prefix,
    imagesPath: below(pair.images),
    labelsPath: below(pair.labels),
  }));
}

/** The pairs of the first folder among these files that has any. */
export function firstIdxParts(files: readonly string[], only: string | null): IdxSourcePart[] {
  const byFolder = Map.groupBy(files, (file) => posix.dirname(file));
  for (const [folder, inFolder] of byFolder) {
    const parts = idxParts(
      folder,
      inFolder.map((file) => posix.basename(file)),
      only,
    );
    if (parts.length > 0) return parts;
  }
  return [];
}

/** Images and labels of one part. */
export async function readIdxPart(
  tree: FileTree,
  { imagesPath, labelsPath }: IdxSourcePart,
): Promise<ImageArray & { readonly labels: Uint8Array }> {
  const files = await Promise.all([tree.file(imagesPath), tree.file(labelsPath)]);
  const { images, labels, count, rows: height, columns: width } = await readIdxPair(...files);
  const size = width * height;
  return {
    count,
    labels,
    modifiedMs: Math.max(...files.map(({ modifiedMs }) => modifiedMs)),
    image: (index) =>
      Promise.resolve({
        kind: 'pixels',
        pixels: images.data.subarray(index * size, (index + 1) * size),
        ...{ width, height, channels: 1 },
      }),
  };
}

/** The part whose samples are called '<name>/<index>'. Throws `source-no-images`. */
export async function findIdxPart(tree: FileTree, name: string, only: string | null): Promise<IdxSourcePart> {
  const parts =
    tree.container === 'folder'
      ? idxParts('.', await readdir(tree.path), only)
      : firstIdxParts((await tree.list()).others, only);
  const part = parts.find((candidate) => candidate.name === name);
  if (part === undefined) throw new AppError('source-no-images', { path: `${tree.path}/${name}` });
  return part;
}
