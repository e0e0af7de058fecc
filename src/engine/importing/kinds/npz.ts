/** @file NumPy's zips of arrays, as Keras and MedMNIST hand data sets on. */
import { placeInArray } from '../../sources/image-array.ts';
import { Npz } from '../../sources/npz.ts';
import { splitOfName } from '../folder-layout.ts';
import type { ListedImage, Listing, Recognition, SourceLook } from '../source-look.ts';

export function recogniseNpz(look: SourceLook): Recognition | null {
  const paths = look.files.others.filter((path) => /\.npz$/i.test(path));
  if (paths.length === 0 || (look.only === null && look.files.images.length > 0)) return null;
  return { kind: 'npz', confidence: 'certain', list: () => listArrays(look, paths) };
}

async function listArrays({ tree, files }: SourceLook, paths: readonly string[]): Promise<Listing> {
  const images: ListedImage[] = [];
  for (const path of paths) {
    const npz = await Npz.open(await tree.file(path));
    for (const { name, count, labelsName } of npz.parts()) {
      // Opened to see that it is whole.
      await npz.images(name);
      const labels = labelsName === null ? null : await npz.labels(labelsName);
      const split = splitOfName(name) ?? splitOfName(path) ?? 'train';
      for (let index = 0; index < count; index++)
        images.push({ path: placeInArray(`${path}/${name}`, index), label: labels?.[index] ?? null, split });
    }
  }
  return { images, others: files.others.filter((file) => !paths.includes(file)), problems: [] };
}
