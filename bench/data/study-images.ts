/** @file Images of a study of attribution: some to learn from and others to ask about, from MNIST or Fashion-MNIST. */
import path from 'node:path';
import { Random } from '../../src/core/base/random.ts';
import { openStoredFile } from '../../src/engine/sources/folder-tree.ts';
import { readIdxPair } from '../../src/engine/sources/idx.ts';
import type { Normalization } from '../../src/engine/storage/models.ts';
import {
  measureNormalization,
  memoryPixels,
  type PixelSource,
} from '../../src/engine/training/pixel-source.ts';
import { fashionFolder } from './fashion-mnist.ts';
import { digitSide, readDigits } from './mnist.ts';

export const studySets = ['mnist', 'fashion-mnist'] as const;
export type StudySet = (typeof studySets)[number];

export const studyClassCount = 10;

export interface StudyImages {
  readonly set: StudySet;
  /** Images to learn from first, then the queries. */
  readonly pixels: PixelSource;
  readonly labels: Int32Array;
  readonly trainRows: Int32Array;
  readonly queryRows: Int32Array;
  /** Measured on the images to learn from. */
  readonly normalization: Normalization;
}

export interface StudySizes {
  readonly train: number;
  readonly queries: number;
}

interface Images {
  readonly images: Uint8Array;
  readonly labels: ArrayLike<number>;
}

/** Drawn by the seed. Queries are never among the images to learn from; of Fashion-MNIST they are from its test split. */
export async function readStudyImages(set: StudySet, sizes: StudySizes, seed: number): Promise<StudyImages> {
  const [train, queries] = await (set === 'mnist' ? drawDigits(sizes, seed) : drawFashion(sizes, seed));
  const pixels = memoryPixels(Uint8Array.from(Buffer.concat([train.images, queries.images])), 1, digitSide);
  const trainRows = Int32Array.from({ length: sizes.train }, (_, row) => row);
  return {
    set,
    pixels,
    labels: Int32Array.from([...Array.from(train.labels), ...Array.from(queries.labels)]),
    trainRows,
    queryRows: Int32Array.from({ length: sizes.queries }, (_, query) => sizes.train + query),
    normalization: measureNormalization(pixels, trainRows),
  };
}

async function drawDigits(sizes: StudySizes, seed: number): Promise<[Images, Images]> {
  const digits = await readDigits();
  const order = new Random(seed, 'study/digits').permutation(digits.labels.length);
  return [
    pick(digits, order.subarray(0, sizes.train)),
    pick(digits, order.subarray(sizes.train, sizes.train + sizes.queries)),
  ];
}

async function drawFashion(sizes: StudySizes, seed: number): Promise<[Images, Images]> {
  const draw = async (split: 'train' | 't10k', count: number): Promise<Images> => {
    const { images, labels } = await readIdxPair(
      await openStoredFile(path.join(fashionFolder, `${split}-images-idx3-ubyte.gz`)),
      await openStoredFile(path.join(fashionFolder, `${split}-labels-idx1-ubyte.gz`)),
    );
    const order = new Random(seed, `study/fashion/${split}`).permutation(labels.length);
    return pick({ images: images.data, labels }, order.subarray(0, count));
  };
  return [await draw('train', sizes.train), await draw('t10k', sizes.queries)];
}

function pick({ images, labels }: Images, order: Int32Array): Images {
  const area = digitSide ** 2;
  const picked = new Uint8Array(order.length * area);
  order.forEach((image, place) =>
    picked.set(images.subarray(image * area, (image + 1) * area), place * area),
  );
  return { images: picked, labels: order.map((image) => labels[image]!) };
}
