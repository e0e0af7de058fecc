/** @file The IDX pairs of an imported source, and where the samples of each are. */
import { readdir, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { findIdxPairs, isIdxName, type IdxPair } from './idx.ts';

export interface IdxSourcePart extends IdxPair {
  /** First part of its samples' paths: the split, or the file's prefix where several pairs share a split. */
  readonly name: string;
  readonly imagesPath: string;
  readonly labelsPath: string;
}

/** The pairs of an IDX source, which is a folder or the images or labels file of one pair. */
export async function listIdxSource(sourcePath: string): Promise<IdxSourcePart[]> {
  const isFile = isIdxName(basename(sourcePath)) && (await stat(sourcePath)).isFile();
  const folder = isFile ? dirname(sourcePath) : sourcePath;
  const pairs = findIdxPairs(await readdir(folder)).filter(
    (pair) => !isFile || pair.images === basename(sourcePath) || pair.labels === basename(sourcePath),
  );
  return pairs.map((pair) => ({
    ...pair,
    name: pairs.filter(({ split }) => split === pair.split).length === 1 ? pair.split : pair.prefix,
    imagesPath: join(folder, pair.images),
    labelsPath: join(folder, pair.labels),
  }));
}

/** The file that holds the images of the samples called '<name>/<index>' in this source. */
export async function idxImagesPath(sourcePath: string, name: string): Promise<string | null> {
  const pair = (await listIdxSource(sourcePath)).find((candidate) => candidate.name === name);
  return pair?.imagesPath ?? null;
}
