/**
 * @file Perturbations of a synset: how much of each cluster is there, 1 for all of it and 0 for nothing. A mask may leave a part of a cluster: a group
 * of images that takes half of it leaves one half.
 */
import { Random } from '../../base/random.ts';
import { makeMatrix, zeros64, type Matrix64 } from '../../linalg/matrix.ts';

/** [C, C]: each mask leaves one cluster out. */
export function leaveOneOut(clusterCount: number): Matrix64 {
  return leaveOut(
    Array.from({ length: clusterCount }, (_, cluster) => [cluster]),
    clusterCount,
  );
}

/** [lists, C]: each mask leaves out the clusters of one list. */
export function leaveOut(lists: readonly (readonly number[])[], clusterCount: number): Matrix64 {
  const masks = zeros64(lists.length, clusterCount);
  masks.data.fill(1);
  for (const [row, list] of lists.entries())
    for (const cluster of list) masks.data[row * clusterCount + cluster] = 0;
  return masks;
}

/** [1, C]: what is left of each cluster without these members. `assignment`: cluster of each image. */
export function withoutMembers(
  assignment: Int32Array,
  clusterCount: number,
  isLeftOut: (image: number) => boolean,
): Matrix64 {
  const [all, left] = [new Float64Array(clusterCount), new Float64Array(clusterCount)];
  assignment.forEach((cluster, image) => {
    all[cluster]!++;
    if (!isLeftOut(image)) left[cluster]!++;
  });
  return makeMatrix(
    1,
    clusterCount,
    left.map((count, cluster) => count / all[cluster]!),
  );
}

/** [count, C]: each cluster is left out with the chance `dropped`, whatever the others do. */
export function randomMasks(
  count: number,
  clusterCount: number,
  { dropped, seed }: { readonly dropped: number; readonly seed: number },
): Matrix64 {
  const random = new Random(seed, 'synset masks');
  return makeMatrix(
    count,
    clusterCount,
    Float64Array.from({ length: count * clusterCount }, () => (random.uniform() < dropped ? 0 : 1)),
  );
}
