/** @file Binary batches of CIFAR-10 and CIFAR-100. */
import { placeInArray } from '../../sources/image-array.ts';
import { cifarLabelBytes, hasCifarName, openCifar, readCifarNames } from '../../sources/cifar.ts';
import { splitOfName } from '../folder-layout.ts';
import type { ListedImage, Listing, Recognition, SourceLook } from '../source-look.ts';

/** Beside a name that says so, one file of just the right size is enough for a guess. */
export async function recogniseCifar(look: SourceLook): Promise<Recognition | null> {
  const { tree, files, only } = look;
  const candidates = files.others.filter((path) => /\.bin$/i.test(path));
  if (candidates.length === 0 || (only === null && files.images.length > 0)) return null;
  const batches: { path: string; labelBytes: 1 | 2 }[] = [];
  for (const path of candidates) {
    const labelBytes = cifarLabelBytes(path, (await tree.file(path)).bytes);
    if (labelBytes !== null) batches.push({ path, labelBytes });
  }
  if (batches.length === 0) return null;
  const isNamed = batches.every(({ path }) => hasCifarName(path));
  return { kind: 'cifar', confidence: isNamed ? 'certain' : 'guess', list: () => listBatches(look, batches) };
}

async function listBatches(
  { tree, files, only }: SourceLook,
  batches: readonly { readonly path: string; readonly labelBytes: 1 | 2 }[],
): Promise<Listing> {
  const images: ListedImage[] = [];
  const all = only === null ? files.others : (await tree.list()).others;
  for (const { path, labelBytes } of batches) {
    const nameOf = await readCifarNames(tree, all, path, 'label', labelBytes);
    const coarseNameOf = await readCifarNames(tree, all, path, 'coarse', labelBytes);
    const split = splitOfName(path) ?? 'train';
    for (const [index, { label, coarse }] of (await (await openCifar(tree, path)).labels()).entries())
      images.push({
        ...{ path: placeInArray(path, index), label: nameOf(label), split },
        ...(coarse === null ? {} : { cells: new Map([['coarse_label', coarseNameOf(coarse)]]) }),
      });
  }
  const read = new Set(batches.map(({ path }) => path));
  const isNames = (file: string): boolean => /(batches\.meta|_label_names)\.txt$/i.test(file);
  return { images, others: files.others.filter((file) => !read.has(file) && !isNames(file)), problems: [] };
}
