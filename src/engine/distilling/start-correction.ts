/** @file What makes a trained model a point of rest of its synset. */
import type { CancelSignal } from '../../core/base/cancel-signal.ts';
import { throwIfCancelled } from '../../core/base/app-error.ts';
import type { Executor } from '../../core/execution/executor.ts';
import { makeMatrix } from '../../core/linalg/matrix.ts';
import { mixInto } from '../../core/linalg/row-algebra.ts';
import { gradientSumProgram } from '../../core/nn/synset/gradient-sum-program.ts';
import { imageShape, type Network } from '../../core/nn/network.ts';
import { float32 } from '../../core/tensor/tensor.ts';
import type { StartCorrection } from './perturbed-models.ts';
import { clusterShares, pixelsPerImage, synsetTargets, type Synset } from './synset.ts';

/** `means` [C, p]: the clusters' mean gradients at `parameters`. */
export async function startCorrection(
  executor: Executor,
  start: { readonly network: Network; readonly parameters: Float32Array },
  synset: Synset,
  means: Float32Array,
  signal: CancelSignal | undefined,
): Promise<StartCorrection> {
  const length = start.network.parameterCount;
  const slope = new Float32Array(length);
  const shares = clusterShares(synset, new Float64Array(synset.sizes.length).fill(1));
  for (const [cluster, share] of shares.entries())
    mixInto(slope, means.subarray(cluster * length, (cluster + 1) * length), { factor: share });
  const residuals = await residualsOf(executor, start, synset, means, signal);
  return { residuals: makeMatrix(shares.length, length, residuals), slope };
}

/** [C, p]: the means less the synset's own gradients. */
async function residualsOf(
  executor: Executor,
  { network, parameters }: { readonly network: Network; readonly parameters: Float32Array },
  synset: Synset,
  means: Float32Array,
  signal: CancelSignal | undefined,
): Promise<Float32Array> {
  const { imagesPerCluster, classes, images, scales } = synset;
  const targets = synsetTargets(synset, network.outputCount);
  const session = await executor.open(gradientSumProgram(network, imagesPerCluster, executor.profile));
  const residuals = means.slice();
  const pixels = pixelsPerImage(network) * imagesPerCluster;
  const width = imagesPerCluster * network.outputCount;
  try {
    for (let cluster = 0; cluster < classes.length; cluster++) {
      throwIfCancelled(signal);
      const part = (values: Float32Array, length: number): Float32Array =>
        values.subarray(cluster * length, (cluster + 1) * length);
      const { gradient } = await session.run({
        images: float32(imageShape(network, imagesPerCluster), part(images, pixels)),
        targets: float32([imagesPerCluster, network.outputCount], part(targets, width)),
        sampleWeights: float32([imagesPerCluster], part(scales, imagesPerCluster)),
        parameters: float32([network.parameterCount], parameters),
      });
      const own = part(residuals, network.parameterCount);
      (gradient!.data as Float32Array).forEach((value, index) => (own[index]! -= value));
    }
  } finally {
    await session.dispose();
  }
  return residuals;
}
