/** @file A synset: the synthetic images that stand for clusters of real ones, and what each counts for. */
import { imageShape, type Network } from '../../core/nn/network.ts';
import { elementCount } from '../../core/tensor/tensor.ts';

export interface Synset {
  readonly imagesPerCluster: number;
  /** Class index of each cluster. */
  readonly classes: Int32Array;
  /** Real images of each cluster. */
  readonly sizes: Int32Array;
  /** Normalised pixels, [C · imagesPerCluster, channels, H, W]: those of one cluster follow one another. */
  readonly images: Float32Array;
  /** What the gradient of each image is multiplied by to be the mean gradient of its cluster, [C · imagesPerCluster]. */
  readonly scales: Float32Array;
}

export function synsetImageCount({ classes, imagesPerCluster }: Synset): number {
  return classes.length * imagesPerCluster;
}

/** One-hot class of each synthetic image, [images, K]. */
export function synsetTargets(
  { classes, imagesPerCluster }: Pick<Synset, 'classes' | 'imagesPerCluster'>,
  classCount: number,
): Float32Array {
  const targets = new Float32Array(classes.length * imagesPerCluster * classCount);
  for (let image = 0; image < classes.length * imagesPerCluster; image++)
    targets[image * classCount + classes[Math.floor(image / imagesPerCluster)]!] = 1;
  return targets;
}

/** Numbers of one image of a network. */
export function pixelsPerImage(network: Network): number {
  return elementCount(imageShape(network, 1));
}

/**
 * What each cluster counts for under a mask, [C]: its share of the images that are left, so that the objective is their mean loss, as a training without the
 * others has it. Zero throughout where nothing is left.
 */
export function clusterShares({ sizes }: Pick<Synset, 'sizes'>, mask: ArrayLike<number>): Float32Array {
  const left = sizes.reduce((sum, size, cluster) => sum + size * mask[cluster]!, 0);
  return Float32Array.from(sizes, (size, cluster) => (left === 0 ? 0 : (size * mask[cluster]!) / left));
}

/** What each synthetic image counts for, [images]: the share of its cluster times its scale. */
export function maskedWeights(synset: Synset, mask: ArrayLike<number>): Float32Array {
  const shares = clusterShares(synset, mask);
  return synset.scales.map((scale, image) => scale * shares[Math.floor(image / synset.imagesPerCluster)]!);
}
