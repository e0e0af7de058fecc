/** @file Training images that may be copies of an asked image, and where to begin to lay them over it: by windows, by hash, by likeness. */
import { throwIfCancelled } from '../../../core/base/app-error.ts';
import { TopList } from '../../../core/base/top-list.ts';
import {
  bestWindows,
  imageRows,
  pictureRows,
  surprise,
  warpOfWindow,
  windowSearches,
  type WindowSearch,
} from '../../../core/curation/images/crop-search.ts';
import { hammingDistance } from '../../../core/curation/images/hamming-search.ts';
import { perceptualHashes } from '../../../core/curation/images/perceptual-hash.ts';
import type { Warp } from '../../../core/curation/images/warp.ts';
import type { MatrixEngine } from '../../../core/linalg/matrix-engine.ts';
import type { SampleId } from '../../../contract/vocabulary.ts';
import type { RunContext } from '../../runs/run-context.ts';
import type { Likeness } from './likeness.ts';
import { onGrid, type TrainingPictures } from './training-pictures.ts';

/** Parts of the candidates that come by hash and by likeness; the others come by windows. */
const BY_HASH = 0.2;
const BY_LIKENESS = 0.2;
/** Floats of one product and of its larger factor. */
const PRODUCT_SIZE = 8e6;

const whole = (mirrored: boolean): Warp => ({
  mirrored,
  x: { offset: 0, scale: 1 },
  y: { offset: 0, scale: 1 },
});

/** Where alignment with each candidate begins. */
export type Candidates = ReadonlyMap<SampleId, readonly Warp[]>;

export interface SearchedImage {
  /** [32 × 32] */
  readonly signature: Uint8Array;
}

export interface CandidateSearch {
  readonly pictures: TrainingPictures;
  readonly likeness: Pick<Likeness, 'nearest'>;
  readonly count: number;
  readonly leastCoverage: number;
  readonly matrixEngine: MatrixEngine;
  readonly context: Pick<RunContext, 'signal' | 'progress'>;
}

/** Per image at most `count` candidates. */
export async function findCandidates(
  images: readonly SearchedImage[],
  search: CandidateSearch,
): Promise<Candidates[]> {
  const byHash = Math.ceil(BY_HASH * search.count);
  const byLikeness = Math.ceil(BY_LIKENESS * search.count);
  const byWindows = await searchWindows(images, Math.max(1, search.count - byHash - byLikeness), search);
  return images.map((image, place) => {
    const found = new Map<SampleId, Warp[]>();
    const add = (id: SampleId, warps: readonly Warp[]): void => {
      if (found.has(id) || found.size < search.count) found.set(id, [...(found.get(id) ?? []), ...warps]);
    };
    for (const { id, warps } of byWindows[place]!) add(id, warps);
    for (const id of nearestByHash(image, byHash, search.pictures)) add(id, []);
    for (const { item } of search.likeness.nearest[place]!.slice(0, byLikeness)) add(item, []);
    for (const warps of found.values()) warps.push(whole(false), whole(true));
    return found;
  });
}

/** Bits in which the hashes of an image and of the training image at a place differ, whichever way it is turned. */
export function hashDistance(
  { signature }: SearchedImage,
  pictures: TrainingPictures,
): (place: number) => number {
  const own = Uint32Array.from(perceptualHashes(signature).upright);
  return (place) =>
    Math.min(
      hammingDistance(own, 0, pictures.upright, place),
      hammingDistance(own, 0, pictures.mirrored, place),
    );
}

function nearestByHash(image: SearchedImage, count: number, pictures: TrainingPictures): SampleId[] {
  const distance = hashDistance(image, pictures);
  const nearest = new TopList<SampleId>(count);
  for (const [place, { id }] of pictures.samples.entries()) nearest.offer(-distance(place), id);
  return nearest.entries().map(({ item }) => item);
}

interface WindowFound {
  readonly search: WindowSearch;
  readonly window: number;
  readonly isMirrored: boolean;
}

async function searchWindows(
  images: readonly SearchedImage[],
  count: number,
  { pictures, leastCoverage, matrixEngine, context }: CandidateSearch,
): Promise<{ readonly id: SampleId; readonly warps: readonly Warp[] }[][]> {
  const grids = images.map(({ signature }) => onGrid(signature));
  // The same picture may be found by windows of several sizes: more are kept than are wanted.
  const lists = images.map(() => new TopList<WindowFound & { readonly id: SampleId }>(3 * count));
  const searches = windowSearches(leastCoverage);
  for (const [index, search] of searches.entries()) {
    const asked = imageRows(grids, search);
    const windows = search.way === 'inside' ? search.positions ** 2 : 1;
    const piece = Math.max(1, Math.floor(PRODUCT_SIZE / (windows * Math.max(asked.rows, search.side ** 2))));
    for (let from = 0; from < pictures.samples.length; from += piece) {
      throwIfCancelled(context.signal);
      const some = pictures.samples.slice(from, from + piece);
      const rows = pictureRows(
        some.map((_, place) => pictures.picture(from + place)),
        search,
      );
      const products = await matrixEngine.multiply(rows, asked, { transposeB: true });
      const best = bestWindows(products, search, images.length);
      for (const [place, { id }] of some.entries())
        for (const [image, list] of lists.entries()) {
          const at = place * images.length + image;
          const value = surprise(best.correlations[at]!, search);
          if (value <= list.threshold) continue;
          list.offer(value, { id, search, window: best.windows[at]!, isMirrored: best.mirrored[at] === 1 });
        }
      const done = (index + (from + some.length) / pictures.samples.length) / searches.length;
      context.progress('Looking for crops', done, { images: from + some.length });
    }
  }
  return lists.map((list) => byImage(list.entries().map(({ item }) => item)).slice(0, count));
}

/** The most surprising first, with two windows of each at most. */
function byImage(
  found: readonly (WindowFound & { readonly id: SampleId })[],
): { id: SampleId; warps: Warp[] }[] {
  const images = new Map<SampleId, Warp[]>();
  for (const { id, search, window, isMirrored } of found) {
    const warps = images.get(id) ?? [];
    images.set(id, warps);
    if (warps.length < 2) warps.push(warpOfWindow(search, window, isMirrored));
  }
  return Array.from(images, ([id, warps]) => ({ id, warps }));
}
