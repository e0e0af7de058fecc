/** @file What a provider has to compute before it is trusted with a model: the model's own prediction, training step and features. */
import { createHash } from 'node:crypto';
import { Random } from '../../core/base/random.ts';
import type { Profile } from '../../core/compiler/lower/lowerings.ts';
import type { Feeds } from '../../core/execution/executor.ts';
import { drawDropoutMasks } from '../../core/nn/dropout.ts';
import { featureProgram } from '../../core/nn/feature-program.ts';
import { imageShape, type Network } from '../../core/nn/network.ts';
import { predictionProgram } from '../../core/nn/prediction-program.ts';
import { trainingProgram } from '../../core/nn/training-program.ts';
import { denoiserTrainingProgram } from '../../core/nn/denoiser/denoiser-training.ts';
import { elementCount, float32 } from '../../core/tensor/tensor.ts';
import { denoiserSelfTestPrograms, denoiserTraining, isDenoiser } from './denoiser-self-test.ts';
import type { ProgramPair } from './program-comparison.ts';
import { GRADIENT_TOLERANCE, PREDICTION_TOLERANCE } from './self-test-tolerances.ts';

export interface TestedModel {
  readonly network: Network;
  readonly parameters: Float32Array;
}

/** Numbers in a batch of images: enough to keep a GPU busy, little enough for a second on the CPU. */
const BATCH_NUMBERS = 2 ** 16;
const SMALLEST_BATCH = 2;
const LARGEST_BATCH = 32;

const training = {
  optimizer: 'sgd',
  momentum: 0.9,
  weightDecay: 0,
} as const;

/** Images are noise from a fixed seed: hard for no kernel, and no image of the person's leaves the project. */
export function selfTestPrograms(
  { network, parameters }: TestedModel,
  profile: Profile,
  batchSize = batchSizeFor(network),
): ProgramPair[] {
  if (isDenoiser(network)) return denoiserSelfTestPrograms(network, parameters, profile, batchSize);
  const feeds = makeFeeds(network, parameters, batchSize);
  const pair = (compileFor: (profile: Profile) => ProgramPair['onCpu']) => ({
    onCpu: compileFor('cpu'),
    onProvider: compileFor(profile),
    feeds,
  });
  return [
    {
      name: 'prediction',
      ...pair((each) => predictionProgram(network, parameters, { batchSize, profile: each })),
      outputs: ['logits', 'embedding'],
      tolerance: PREDICTION_TOLERANCE,
    },
    {
      name: 'training step',
      ...pair((each) => trainingProgram(network, { ...training, batchSize, profile: each })),
      // The momentum after a first step is the gradient itself; in the new parameters an error of it would drown.
      outputs: ['optimizerState', 'losses'],
      tolerance: GRADIENT_TOLERANCE,
    },
    ...(['fold', 'factorised'] as const).map((kind) => ({
      name: `features (${kind})`,
      ...pair((each) =>
        featureProgram(network, parameters, {
          batchSize,
          profile: each,
          outputFunction: 'margin',
          projection: { kind, size: 128, seed: 0 },
        }),
      ),
      outputs: ['features'],
      tolerance: GRADIENT_TOLERANCE,
    })),
  ];
}

/** Stands for the model's structure: shapes, operators, constants; the weights are fed, so another training keeps it. */
export function structureHash({ network }: TestedModel, profile: Profile): string {
  const batchSize = batchSizeFor(network);
  const program = isDenoiser(network)
    ? denoiserTrainingProgram(network, { ...denoiserTraining, batchSize, profile })
    : trainingProgram(network, { ...training, batchSize, profile });
  return createHash('sha256').update(program.onnx).digest('hex');
}

function batchSizeFor({ inputShape }: Network): number {
  const fitting = Math.floor(BATCH_NUMBERS / elementCount(inputShape));
  return Math.min(LARGEST_BATCH, Math.max(SMALLEST_BATCH, fitting));
}

function makeFeeds(network: Network, parameters: Float32Array, batchSize: number): Feeds {
  const random = new Random(1, 'self-test');
  const shape = imageShape(network, batchSize);
  const images = Float32Array.from({ length: elementCount(shape) }, () => random.normal());
  const targets = new Float32Array(batchSize * network.outputCount);
  for (let row = 0; row < batchSize; row++)
    targets[row * network.outputCount + (row % network.outputCount)] = 1;
  return {
    images: float32(shape, images),
    targets: float32([batchSize, network.outputCount], targets),
    sampleWeights: float32([batchSize], new Float32Array(batchSize).fill(1)),
    parameters: float32([parameters.length], Float32Array.from(parameters)),
    optimizerState: float32([parameters.length], new Float32Array(parameters.length)),
    learningRate: float32([1], Float32Array.of(0.05)),
    ...drawDropoutMasks(network, batchSize, random),
  };
}
