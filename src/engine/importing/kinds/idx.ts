/** @file Pairs of IDX files (the MNIST family): tens of thousands of tiny images in one, their labels in the other. */
import { basename, join, posix } from 'node:path';
import { AppError } from '../../../core/base/app-error.ts';
import { isIdxName } from '../../sources/idx.ts';
import { firstIdxParts, readIdxPart, type IdxSourcePart } from '../../sources/idx-source.ts';
import { placeInArray } from '../../sources/image-array.ts';
import type { FoundProblem } from '../../storage/imports.ts';
import { idxClassName } from '../idx-classes.ts';
import {
  problemOf,
  type ListedImage,
  type Listing,
  type Recognition,
  type SourceLook,
} from '../source-look.ts';

export function recogniseIdx(look: SourceLook): Recognition | null {
  const { files, only, tree } = look;
  if (only !== null && !isIdxName(basename(only))) return null;
  // Beside images a pair counts in the root only: deeper it may be one of many things that lie there.
  const parts = firstIdxParts(
    files.images.length === 0 ? files.others : files.others.filter((file) => !file.includes('/')),
    only,
  );
  // A chosen file is one of a pair, or a mistake that is worth a word.
  if (parts.length === 0 && only === null) return null;
  if (parts.length === 0) throw new AppError('source-no-images', { path: join(tree.path, only!) });
  return { kind: 'idx', confidence: 'certain', list: () => listIdx(look, parts) };
}

async function listIdx({ tree, only }: SourceLook, parts: readonly IdxSourcePart[]): Promise<Listing> {
  const folder = posix.dirname(parts[0]!.imagesPath);
  const deeper = tree.container === 'folder' && folder !== '.' ? join(tree.path, folder) : tree.path;
  // Either file of a pair stands for the pair: one source, whichever was chosen.
  const path = only === null ? deeper : join(tree.path, parts[0]!.imagesPath);
  const images: ListedImage[] = [];
  const broken = new Map<IdxSourcePart, AppError>();
  for (const part of parts) {
    try {
      const { labels, count } = await readIdxPart(tree, part);
      for (let index = 0; index < count; index++)
        images.push({
          path: placeInArray(part.name, index),
          label: idxClassName(path, labels[index]!),
          split: part.split,
        });
    } catch (cause) {
      if (!(cause instanceof AppError)) throw cause;
      broken.set(part, cause);
    }
  }
  if (broken.size === parts.length) throw [...broken.values()][0]!;
  const problems: FoundProblem[] = [...broken].map(([{ imagesPath }, cause]) =>
    problemOf(imagesPath, 'unreadable', cause.message),
  );
  return { images, others: [], problems, closed: [...broken.keys()].map(({ name }) => name), path };
}
