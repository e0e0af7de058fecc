/** @file A set of images as it crosses a wall: a bitmap over row ids. A million images are 125 kB, one image is one word. */
import { TypedFastBitSet } from 'typedfastbitset';
import { z } from 'zod';
import type { SampleId } from './vocabulary.ts';

const WORD_BITS = 32;

/** Bit `id % 32` of the word `id / 32` stands for the image `id`; the words before `firstWord` and after the last are empty. */
export const SampleSet = z.object({
  firstWord: z
    .number()
    .int()
    .min(0)
    .max(2 ** 26),
  words: z.instanceof(Uint32Array).refine((words) => words.length <= 2 ** 26, 'too many words'),
});
export type SampleSet = z.infer<typeof SampleSet>;

/** For what would do nothing with no image. */
export const SomeSamples = SampleSet.refine(
  ({ words }) => words.some((word) => word !== 0),
  'no image is in it',
);

export function setOfSamples(ids: Iterable<number>): SampleSet {
  const bits = new TypedFastBitSet();
  for (const id of ids) bits.add(id);
  return packSamples(bits);
}

/** A copy without the empty words on either side. */
export function packSamples({ words }: Pick<TypedFastBitSet, 'words'>): SampleSet {
  const firstWord = Math.max(
    0,
    words.findIndex((word) => word !== 0),
  );
  return { firstWord, words: words.slice(firstWord, words.findLastIndex((word) => word !== 0) + 1) };
}

/** In rising order. */
export function idsOfSamples({ firstWord, words }: SampleSet): SampleId[] {
  const ids = TypedFastBitSet.fromWords(words).array();
  if (firstWord > 0) for (let at = 0; at < ids.length; at++) ids[at] = ids[at]! + WORD_BITS * firstWord;
  return ids as SampleId[];
}

export function countSamples({ words }: SampleSet): number {
  return TypedFastBitSet.fromWords(words).size();
}

export function hasSample({ firstWord, words }: SampleSet, id: SampleId): boolean {
  const word = words[Math.floor(id / WORD_BITS) - firstWord] ?? 0;
  return ((word >>> (id % WORD_BITS)) & 1) === 1;
}

/** Whether every image of `part` is in `whole`. */
export function containsSamples(whole: SampleSet, part: SampleSet): boolean {
  const offset = part.firstWord - whole.firstWord;
  return part.words.every((word, at) => (word & ~(whole.words[at + offset] ?? 0)) === 0);
}
