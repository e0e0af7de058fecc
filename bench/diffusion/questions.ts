/** @file What the studies of generative models ask about: images that the whole model made, and real ones that it did not learn. */
import { createHash } from 'node:crypto';
import { makeImages, fromPixels, toPixels } from '../../src/engine/generating/make-images.ts';
import type { QuerySet } from '../../src/engine/generating/query-set.ts';
import { imageSide, studyDenoiser, type StudyModels } from './study.ts';

/** The images of these numbers, each from noise of its own: made with the moving average, by DDIM in 50 steps, in −1 … 1. */
export function generatedImages(
  { executor }: StudyModels,
  average: Float32Array,
  indices: readonly number[],
  seed: number,
): Promise<Float32Array[]> {
  return makeImages(executor, studyDenoiser, average, {
    ...{ sampler: 'ddim', steps: 50, seed, indices },
    classIndices: indices.map(() => -1),
  });
}

/** The first `count`, rounded to 8 bits as the app keeps them. */
export async function generatedQueries(
  models: StudyModels,
  average: Float32Array,
  count: number,
  seed: number,
): Promise<QuerySet> {
  const indices = Array.from({ length: count }, (_, index) => index);
  return asQueries(await generatedImages(models, average, indices, seed));
}

/** Rounded to 8 bits as the app keeps them. */
export function asQueries(images: readonly Float32Array[]): QuerySet {
  return toQueries(images.map(toPixels));
}

/** Pixels of these rows. */
export function realQueries({ data }: StudyModels, rows: Int32Array): QuerySet {
  return toQueries(Array.from(rows, (row) => pixelsOf(data.bytes, row)));
}

export function pixelsOf(bytes: Uint8Array, row: number): Uint8Array {
  const area = imageSide ** 2;
  return bytes.slice(row * area, (row + 1) * area);
}

function toQueries(pixels: readonly Uint8Array[]): QuerySet {
  return {
    keys: pixels.map((image) => createHash('sha256').update(image).digest('hex')),
    images: pixels.map(fromPixels),
    classIndices: pixels.map(() => -1),
  };
}
