/** @file How large steps on a synset may be: by the largest curvature of its loss where the steps begin. */
import { Random } from '../../core/base/random.ts';
import type { Executor } from '../../core/execution/executor.ts';
import { curvatureProgram } from '../../core/nn/curvature-program.ts';
import { imageShape, type Network } from '../../core/nn/network.ts';
import { float32 } from '../../core/tensor/tensor.ts';
import { maskedWeights, synsetImageCount, synsetTargets, type Synset } from './synset.ts';

const ROUNDS = 12;
/** Of the bound: what the loss bends where the model gives every image some 85 %, p·(1 − p) = ⅛ instead of ½. A judgement: the bound itself makes steps too short to tell anything. */
const EXPECTED_SHARE = 0.25;
/** Of 2·(1 + m)/λ, up to which steps with momentum m are stable: masks that leave little raise λ. */
const SHARE_OF_STABLE = 0.8;

/** A learning rate for steps of this momentum; equal inputs give equal rates. */
export async function chooseLearningRate(
  executor: Executor,
  { network, parameters }: { readonly network: Network; readonly parameters: Float32Array },
  synset: Synset,
  momentum: number,
): Promise<number> {
  const curvature = await largestCurvature(executor, network, parameters, synset);
  return (SHARE_OF_STABLE * 2 * (1 + momentum)) / (EXPECTED_SHARE * curvature);
}

/**
 * λ: a bound on the largest eigenvalue of the Gauss–Newton matrix of the whole synset's loss, by power iteration. Not the eigenvalue itself: where a model is certain
 * its loss is flat, and bends as soon as it moves.
 */
async function largestCurvature(
  executor: Executor,
  network: Network,
  parameters: Float32Array,
  synset: Synset,
): Promise<number> {
  const [images, length] = [synsetImageCount(synset), network.parameterCount];
  const options = { batchSize: images, vectorCount: 1, curvature: 'bound' } as const;
  const session = await executor.open(curvatureProgram(network, { ...options, profile: executor.profile }));
  const ones = new Float64Array(synset.sizes.length).fill(1);
  const fixed = {
    images: float32(imageShape(network, images), synset.images),
    targets: float32([images, network.outputCount], synsetTargets(synset, network.outputCount)),
    sampleWeights: float32([images], maskedWeights(synset, ones)),
    parameters: float32([length], parameters),
  };
  const random = new Random(0, 'synset curvature');
  let vector: Float32Array = new Float32Array(length).map(() => random.normal());
  let curvature = 0;
  try {
    for (let round = 0; round < ROUNDS; round++) {
      const size = Math.sqrt(vector.reduce((sum, value) => sum + value * value, 0));
      // Outputs that depend on nothing bend nowhere.
      if (size < 1e-20) break;
      const vectors = float32(
        [1, length],
        vector.map((value) => value / size),
      );
      vector = (await session.run({ ...fixed, vectors }))['products']!.data as Float32Array;
      curvature = Math.sqrt(vector.reduce((sum, value) => sum + value * value, 0));
    }
  } finally {
    await session.dispose();
  }
  return Math.max(curvature, 1);
}
