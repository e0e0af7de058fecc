/** @file Images in folders, which name their class, their split, or nothing. */
import { recogniseFolders } from '../folder-layout.ts';
import type { Recognition, SourceLook } from '../source-look.ts';

const confidenceOf = {
  'split-class-folders': 'certain',
  'class-folders': 'likely',
  'flat-folder': 'guess',
} as const;

export function recogniseFolderLayout({ files, only }: SourceLook): Recognition | null {
  const { images, others } = files;
  if (images.length === 0 || only !== null) return null;
  const { kind, place } = recogniseFolders(images);
  return {
    kind,
    confidence: confidenceOf[kind],
    list: () =>
      Promise.resolve({
        images: images.map((path) => ({ path, ...place(path) })),
        others,
        problems: [],
      }),
  };
}
