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
 * What each synthetic image counts for under a mask, [images]: the share of all images that its cluster is, as far as it is there, so that the objective is
 * the mean loss over the images that are left, as a training without the others has it.
 */
export function maskedWeights({ sizes, scales, imagesPerCluster }: Synset, mask: Float64Array): Float32Array {
  const left = sizes.reduce((sum, size, cluster) => sum + size * mask[cluster]!, 0);
  return scales.map((scale, image) => {
    const cluster = Math.floor(image / imagesPerCluster);
    return left === 0 ? 0 : (scale * sizes[cluster]! * mask[cluster]!) / left;
  });
}
