/** @file The images that a model learned, in clusters within each class: by k-means on what its last layer sees. */
import { Random } from '../../core/base/random.ts';
import type { Executor } from '../../core/execution/executor.ts';
import { rowsOf } from '../../core/linalg/matrix.ts';
import { kMeans } from '../../core/linalg/k-means.ts';
import { predictRows, type PredictionRequest } from '../training/predict.ts';

/** An image that was learned: its row of the pixel source, and its class then. */
export interface LearnedImage {
  readonly row: number;
  readonly classIndex: number;
}

export interface ImageClusters {
  /** Cluster of each learned image, 0 … C − 1; those of one class follow one another. */
  readonly assignment: Int32Array;
  /** Class index of each cluster. */
  readonly classes: Int32Array;
  /** How many images each has. */
  readonly sizes: Int32Array;
  /** Of each the places among the learned images, those nearest to its middle first. */
  readonly middles: readonly Int32Array[];
}

export interface ClusterPlan {
  readonly clustersPerClass: number;
  readonly seed: number;
}

/** Small classes have fewer clusters than are asked for: never more than images. */
export async function clusterImages(
  executor: Executor,
  model: Pick<PredictionRequest, 'classifier' | 'parameters' | 'pixels' | 'normalization' | 'signal'>,
  learned: readonly LearnedImage[],
  plan: ClusterPlan,
): Promise<ImageClusters> {
  const rows = Int32Array.from(learned, ({ row }) => row);
  const { embedding } = await predictRows(executor, { ...model, rows, withEmbedding: true });
  const assignment = new Int32Array(learned.length);
  const [classes, sizes, middles] = [[] as number[], [] as number[], [] as Int32Array[]];
  for (const classIndex of new Set(learned.map((image) => image.classIndex).sort((a, b) => a - b))) {
    const members = Int32Array.from(learned.keys()).filter(
      (place) => learned[place]!.classIndex === classIndex,
    );
    const random = new Random(plan.seed, `synset clusters/${classIndex}`);
    const found = kMeans(rowsOf(embedding, members), plan.clustersPerClass, random);
    const first = classes.length;
    found.assignment.forEach((cluster, index) => (assignment[members[index]!] = first + cluster));
    for (const nearest of found.nearest) {
      classes.push(classIndex);
      sizes.push(nearest.length);
      middles.push(nearest.map((index) => members[index]!));
    }
  }
  return { assignment, classes: Int32Array.from(classes), sizes: Int32Array.from(sizes), middles };
}
