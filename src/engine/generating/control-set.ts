/** @file Images that a model is asked about beside the queries, of which it is known what should come out. */
import { Random } from '../../core/base/random.ts';
import type { LoadedDenoiser } from './loaded-denoiser.ts';
import type { QuerySet } from './query-set.ts';
import { unrelatedPattern } from './unrelated-pattern.ts';

/** Rows of images of other splits, which no model learns from; as many as there are of `count`. */
export function heldOutRows(
  { samples }: Pick<LoadedDenoiser, 'samples'>,
  count: number,
  seed: number,
): Int32Array {
  const others = Int32Array.from(samples.flatMap(({ split }, row) => (split === 'train' ? [] : [row])));
  return new Random(seed, 'held-out control').shuffle(others).slice(0, count);
}

/** A pattern unlike any image, then the images of these rows. */
export async function controlSet(model: LoadedDenoiser, rows: Int32Array, seed: number): Promise<QuerySet> {
  const pattern = unrelatedPattern(model.codec.picture, seed);
  const [unrelated] = await model.codec.encode([pattern.picture]);
  const learnedAs = new Map(model.learned.map(({ row, classIndex }) => [row, classIndex]));
  // No class is told; a model that has to be told one is told its first.
  const untold = model.denoiser.needsClass === true ? 0 : -1;
  const classOf = (row: number): number => {
    const { label } = model.samples[row]!;
    const own = learnedAs.get(row) ?? (label === null ? -1 : model.classIds.indexOf(label));
    return own < 0 ? untold : own;
  };
  const images = model.images.reader().read(rows);
  return {
    keys: [pattern.key, ...Array.from(rows, (row) => model.samples[row]!.sha256)],
    images: [unrelated!, ...images.map((image) => image.slice())],
    classIndices: [untold, ...Array.from(rows, classOf)],
  };
}
