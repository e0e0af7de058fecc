/** @file Images of the project as images that are asked about: what losses are measured on. */
import type { PresentSample } from '../storage/labelled-samples.ts';
import type { CleanImages } from './clean-images.ts';
import type { QuerySet } from './query-set.ts';

export interface ProjectImages {
  readonly images: CleanImages;
  readonly samples: readonly PresentSample[];
  /** Class index of every image; −1: none. */
  readonly labels: Int32Array;
}

export function imagesAsQueries({ images, samples, labels }: ProjectImages, rows: Int32Array): QuerySet {
  return {
    keys: Array.from(rows, (row) => samples[row]!.sha256),
    images: images
      .reader()
      .read(rows)
      .map((image) => image.slice()),
    classIndices: Array.from(rows, (row) => labels[row]!),
  };
}
